package MonitoringSDK::Spool;

# The spool folder of one source. A spool file holds protocol lines that the hub
# has not confirmed. Its name says whose they are and how they are numbered:
#
#   <source>-<client uuid>-<number of the first line>.ldjson
#
# so whoever sends it can say hello as that client, and a hub that already has
# some of the lines drops those. While a process works on a file the name ends
# in .open (being written) or .claimed (being sent) and the file is locked; a
# file with such a name and no lock was left by a killed process and is free.
# Others who take part add who they are, as in .claimed-hub: these are theirs.
# The protocol among all of them is protocol/SPOOL.md.
#
# Files of one client must be sent in the order of their numbers (a hub takes a
# lower number for a repetition), so claiming happens under one lock per source
# and never passes over a file of the same client, whoever has it. The others
# don't see that lock, so whoever has claimed a file looks again. What bears the
# name of the session that lives is never claimed: a second session of its client
# would end it.

use 5.010;
use strict;
use warnings;
use Errno qw(EEXIST);
use Fcntl qw(:flock :DEFAULT :seek);
use File::Spec ();
use MonitoringSDK::Files ();

use constant BLOCK       => 131_072;
use constant NAME_LENGTH => 160;
use constant NOFOLLOW    => eval { Fcntl::O_NOFOLLOW() } || 0;

sub new {
    my ($class, %o) = @_;
    my $name = $o{source};
    utf8::decode($name);    # one "_" for each character, of which UTF-8 has several bytes
    $name =~ s/[^A-Za-z0-9._-]/_/g;
    ($name) = substr($name, 0, NAME_LENGTH) =~ /\A(.*)\z/s;    # nothing is left in it that perl -T need fear
    my $dir = MonitoringSDK::Files::absolute($o{dir} // File::Spec->catdir(File::Spec->tmpdir, 'monitoring-spool-'));
    my $self = bless { name => $name, max_bytes => $o{max_bytes}, dir => $dir, private => defined $o{dir} ? undef : $dir }, $class;
    $self->_follow_user;
    return $self;
}

# A daemon may have become another user since: then its private folder is another one.
sub _follow_user { my ($self) = @_; $self->{dir} = "$self->{private}$>" if defined $self->{private}; return }

sub path {
    my ($self, $client, $first, $suffix) = @_;
    my ($name) = "$self->{name}-$client-$first.$suffix" =~ /\A([A-Za-z0-9._-]+)\z/;     # for perl -T
    return "$self->{dir}/$name";
}

# A new file for lines from $first on, locked; undef if that is not possible.
sub create {
    my ($self, $client, $first) = @_;
    $self->_follow_user;
    my $dir = $self->{dir};
    mkdir $dir, $self->{private} ? 0700 : 0777 unless -d $dir;
    return undef if !$self->_is_ours;
    my $path = $self->path($client, $first, 'open');
    my $room = $self->_room;
    $self->_remove_leftovers($client);
    for (1 .. 3) {
        my $made = sysopen my $low, $path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, $self->{private} ? 0600 : 0640;
        return undef if !$made && $! != EEXIST;
        my $fh = $made && MonitoringSDK::Files::above_streams($low);
        # Between the two another process may have taken it for one that a killed process has left, and removed it, or is about to.
        if (!$fh || !flock($fh, LOCK_EX | LOCK_NB) || !(stat $fh)[3]) {
            select undef, undef, undef, 0.005;
            next;
        }
        return bless { spool => $self, client => $client, first => $first, path => $path, fh => $fh, room => $room,
            bytes => 0, read_at => 0, read_lines => 0, unread_lines => 0 }, 'MonitoringSDK::Spool::File';
    }
    return undef;
}

# In a shared temporary folder somebody else may have been quicker.
sub _is_ours {
    my ($self) = @_;
    my @about = lstat $self->{dir};
    return !$self->{private} || @about && -d _ && $about[4] == $>;
}

# A call that died of a signal has left an empty file of this client, which is this process alone.
sub _remove_leftovers {
    my ($self, $client) = @_;
    for my $file ($self->_files) {
        unlink $file->{path} if $file->{client} eq $client && !$file->{size} && $file->{path} =~ /\.open\z/;
    }
    return;
}

sub _files {
    my ($self) = @_;
    opendir my $dh, $self->{dir} or return;
    my @files;
    for my $file (readdir $dh) {
        next unless $file =~ /\A(\Q$self->{name}\E-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([0-9]+)\.(?:ldjson|(?:open|claimed)(-[a-z0-9]+)?))\z/;
        my ($client, $first, $others, $path) = ($2, $3, $4, "$self->{dir}/$1");
        my ($size, $changed) = (lstat $path)[7, 9];
        push @files, { client => $client, first => $first, path => $path, size => $size, changed => $changed, others => $others }
            if defined $size && -f _;
    }
    return @files;
}

sub _room {
    my ($self) = @_;
    my $used = 0;
    $used += $_->{size} for $self->_files;
    return $self->{max_bytes} - $used;
}

# The oldest file that is free, renamed and locked so that nobody else sends it.
# Returns (file) or (undef, 1) if another process is choosing just now. $own is
# the client whose session lives here: its files are its own business. %$left are
# clients who live elsewhere.
sub claim {
    my ($self, $own, $left) = @_;
    $self->_follow_user;
    return if !$self->_is_ours;    # whose files are not ours to delete
    my @files = $self->_files or return;
    sysopen my $lock, "$self->{dir}/$self->{name}.lock", O_RDWR | O_CREAT, 0600 or return;
    flock $lock, LOCK_EX | LOCK_NB or return (undef, 1);
    my %lowest = $self->_lowest;
    for my $file (sort { $a->{changed} <=> $b->{changed} || $a->{path} cmp $b->{path} } values %lowest) {
        next if $file->{others} || $file->{client} eq ($own // '') || $left && $left->{ $file->{client} };
        my $claimed = $self->_claim_file($file) or next;
        my %now = $self->_lowest;
        return $claimed if !$now{ $file->{client} } || $now{ $file->{client} }{first} >= $file->{first};
        $claimed->release;
        return (undef, 1);
    }
    return;
}

# The first file of each client.
sub _lowest {
    my ($self) = @_;
    my %lowest;
    for my $file ($self->_files) {
        my $known = $lowest{ $file->{client} };
        $lowest{ $file->{client} } = $file if !$known || $file->{first} < $known->{first};
    }
    return %lowest;
}

sub _claim_file {
    my ($self, $file) = @_;
    sysopen my $low, $file->{path}, O_RDWR | NOFOLLOW or return;
    my $fh = MonitoringSDK::Files::above_streams($low) or return;
    flock $fh, LOCK_EX | LOCK_NB or return;
    my @opened = stat $fh;
    my @named  = lstat $file->{path} or return;
    return unless $opened[0] == $named[0] && $opened[1] == $named[1];
    my $path = $self->path($file->{client}, $file->{first}, 'claimed');
    rename $file->{path}, $path or return;
    my $bytes = _whole_lines($fh, $opened[7]);
    if (defined $bytes && !$bytes) { unlink $path; return }
    my $claimed = bless { spool => $self, client => $file->{client}, first => $file->{first}, path => $path, fh => $fh,
        bytes => $bytes, read_at => 0, read_lines => 0, unread_lines => 1, claimed => 1 }, 'MonitoringSDK::Spool::File';
    return $claimed if $bytes;
    $claimed->release;
    return;
}

# Length up to the last newline: a killed writer may have left half a line. undef if that can't be read.
sub _whole_lines {
    my ($fh, $size) = @_;
    for (my $end = $size; $end > 0; $end -= BLOCK) {
        my $from = $end > BLOCK ? $end - BLOCK : 0;
        sysseek $fh, $from, SEEK_SET;
        sysread $fh, my $block, $end - $from or return undef;
        my $newline = rindex $block, "\n";
        return $from + $newline + 1 if $newline >= 0;
    }
    return 0;
}

# Leaves everything from number $first on as a finished file: @$lines are those
# in memory, of which the file's own lines are a continuation or a part.
sub seal {
    my ($spool, $client, $first, $lines, $file) = @_;
    return $spool->_write($client, $first, $lines) if !$file;
    return $spool->_move($file, $first) if $file->{first} < $first;
    my $before = $file->{first} - $first;
    my $kept = $file->{read_lines} + $file->{unread_lines};
    $kept += $spool->_write($client, $first, [ @$lines[ 0 .. $before - 1 ] ]) if $before > 0;
    $file->finish;
    return $kept;
}

sub _write {
    my ($self, $client, $first, $lines) = @_;
    my $file = $self->create($client, $first) or return 0;
    my $kept = 0;
    for my $line (@$lines) {
        last if !$file->append($line);
        $kept++;
    }
    $kept ? $file->finish : $file->remove;
    return $kept;
}

# Into a new file without the lines that are confirmed: a plain server knows no numbers and would have them twice. If that fails, the old one has
# everything.
sub _move {
    my ($self, $file, $first) = @_;
    my $skip = $first - $file->{first};
    my $kept = $file->{read_lines} + $file->{unread_lines} - $skip;
    my $rest = $self->create($file->{client}, $first);
    if ($rest && $rest->_copy($file, $skip)) {
        $rest->release;
        $file->remove;
        return $kept;
    }
    $rest->remove if $rest;
    $file->finish;
    return $kept;
}

package MonitoringSDK::Spool::File;

# One spool file as a queue: lines are appended at its end and taken from its
# beginning. Plain system calls only, so that a forked child inherits no
# half-full output buffer.

use strict;
use warnings;
use Fcntl qw(:seek);

use constant BLOCK => 131_072;

sub append {
    my ($self, $line) = @_;
    return 0 if $self->{bytes} + length $line > $self->{room};
    my $length  = length $line;
    my $written = syswrite $self->{fh}, $line;
    $self->{bytes} += $length;
    $self->{unread_lines}++;
    return 1 if ($written // 0) == $length;
    $self->{bytes} -= $length;
    $self->{unread_lines}--;
    # The disk is full in mid-line. Behind half a line no other may stand.
    my ($whole) = $self->{bytes} =~ /\A([0-9]+)\z/;    # for perl -T
    truncate $self->{fh}, $whole or $self->{room} = $self->{bytes};
    return 0;
}

# All of that file but the first $skip lines, to the disk; whether that was possible.
sub _copy {
    my ($self, $file, $skip) = @_;
    $self->{room} += $file->{bytes};                                 # they only move
    $file->{read_at} = 0;
    while ($file->unread) {
        my ($lines, $bytes) = $file->next_lines(1_000);
        return 0 if !$lines;
        for my $line (@$lines) {
            $skip-- > 0 || $self->append($line) or return 0;
        }
        $file->taken(scalar @$lines, $bytes);
    }
    return $self->_sync;
}

sub _sync {
    my ($self) = @_;
    require IO::Handle;
    return IO::Handle::sync($self->{fh});
}

sub unread { return $_[0]{read_at} < $_[0]{bytes} }

# The next lines, $most at the most, and how many bytes of the file they are.
# They count as taken only after taken(), so that an interruption between the two
# loses nothing. Empty, with the reason in $!, if the file can't be read.
sub next_lines {
    my ($self, $most) = @_;
    my $left = $self->{bytes} - $self->{read_at};
    return ([], 0) if $left <= 0 || $most <= 0;
    sysseek $self->{fh}, $self->{read_at}, SEEK_SET;
    my $got = sysread $self->{fh}, my $block, $left < BLOCK ? $left : BLOCK;
    return if !defined $got;
    return ([], $left) if !$got;                       # the file shrank under us
    my @lines = $block =~ /([^\n]*\n)/g;
    return ([], $got) if !@lines;                      # not a file of ours
    $#lines = $most - 1 if @lines > $most;
    my $bytes = 0;
    $bytes += length for @lines;
    return ([ grep { $_ ne "\n" } @lines ], $bytes);   # empty lines have no number
}

sub taken {
    my ($self, $count, $bytes) = @_;
    $self->{read_at}      += $bytes;
    $self->{read_lines}   += $count;
    $self->{unread_lines} -= $count;
    return;
}

# True once every line has been taken and is among those up to $number.
sub done {
    my ($self, $number) = @_;
    return !$self->unread && $number >= $self->{first} + $self->{read_lines} - 1;
}

sub remove { my ($self) = @_; unlink $self->{path}; close $self->{fh} }

# Its lines go on under another client's id.
sub give_to {
    my ($self, $client) = @_;
    my $path = $self->{spool}->path($client, $self->{first}, 'open');
    rename $self->{path}, $path or return 0;
    @$self{qw(client path)} = ($client, $path);
    return 1;
}

# Gives the file back to whoever comes next.
sub release {
    my ($self) = @_;
    rename $self->{path}, $self->{spool}->path($self->{client}, $self->{first}, 'ldjson');
    close $self->{fh};
}

# Everything is on disk: whoever sends the folder's files may have this one.
sub finish {
    my ($self) = @_;
    $self->_sync;
    $self->release;
}

1;
