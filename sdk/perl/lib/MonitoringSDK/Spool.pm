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
use Fcntl qw(:flock :DEFAULT :seek);
use File::Spec ();

sub new {
    my ($class, %o) = @_;
    (my $name = $o{source}) =~ s/[^A-Za-z0-9._-]/_/g;
    my $self = bless { name => $name, max_bytes => $o{max_bytes}, dir => $o{dir}, private => !defined $o{dir} }, $class;
    $self->{dir} //= File::Spec->catdir(File::Spec->tmpdir, "monitoring-spool-$>");
    return $self;
}

sub path {
    my ($self, $client, $first, $suffix) = @_;
    return "$self->{dir}/$self->{name}-$client-$first.$suffix";
}

# A new file for lines from $first on, locked; undef if that is not possible.
sub create {
    my ($self, $client, $first) = @_;
    my $dir = $self->{dir};
    mkdir $dir, $self->{private} ? 0700 : 0777 unless -d $dir;
    # In a shared temporary folder somebody else may have been quicker.
    return undef if $self->{private} && (-l $dir || ((stat $dir)[4] // -1) != $>);
    my $path = $self->path($client, $first, 'open');
    my $room = $self->_room;
    $self->_remove_leftovers($client);
    for (1 .. 3) {
        sysopen my $fh, $path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, $self->{private} ? 0600 : 0640 or return undef;
        # Between the two another process may have taken it for one that a killed process has left, and removed it.
        next unless flock($fh, LOCK_EX | LOCK_NB) && (stat $fh)[3];
        return bless { spool => $self, client => $client, first => $first, path => $path, fh => $fh, room => $room,
            bytes => 0, read_at => 0, read_lines => 0, unread_lines => 0 }, 'MonitoringSDK::Spool::File';
    }
    return undef;
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
        next unless $file =~ /\A\Q$self->{name}\E-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-([0-9]+)\.(?:ldjson|(?:open|claimed)(-[a-z0-9]+)?)\z/;
        my ($client, $first, $others) = ($1, $2, $3);
        my ($size, $changed) = (stat "$self->{dir}/$file")[7, 9];
        push @files, { client => $client, first => $first, path => "$self->{dir}/$file", size => $size, changed => $changed, others => $others }
            if defined $size;
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
    sysopen my $fh, $file->{path}, O_RDWR or return;
    flock $fh, LOCK_EX | LOCK_NB or return;
    my @opened = stat $fh;
    my @named  = stat $file->{path} or return;
    return unless $opened[0] == $named[0] && $opened[1] == $named[1];
    my $path = $self->path($file->{client}, $file->{first}, 'claimed');
    rename $file->{path}, $path or return;
    my $bytes = _whole_lines($fh, $opened[7]);
    if (!$bytes) { unlink $path; return }
    return bless { spool => $self, client => $file->{client}, first => $file->{first}, path => $path, fh => $fh,
        bytes => $bytes, read_at => 0, read_lines => 0, unread_lines => 1, claimed => 1 }, 'MonitoringSDK::Spool::File';
}

# Length up to the last newline: a killed writer may have left half a line.
sub _whole_lines {
    my ($fh, $size) = @_;
    my $from = $size > 131_072 ? $size - 131_072 : 0;
    sysseek $fh, $from, SEEK_SET;
    sysread $fh, my $tail, $size - $from;
    my $newline = rindex $tail // '', "\n";
    return $newline < 0 ? 0 : $from + $newline + 1;
}

# Leaves everything from number $first on as a finished file: @$lines are those
# in memory, of which the file's own lines are a continuation or a part.
sub seal {
    my ($spool, $client, $first, $lines, $file) = @_;
    if ($file && $file->{first} == $first) {
        $file->finish;
        return $file->{unread_lines} + $file->{read_lines};
    }
    my $new = $spool->create($client, $first) or do { $file->finish if $file; return 0 };
    my $kept = 0;
    my $in_memory = $file ? $file->{first} - $first : @$lines;       # negative: these are acknowledged
    for my $line (@$lines[0 .. ($in_memory < @$lines ? $in_memory : scalar @$lines) - 1]) {
        $kept += $new->append($line);
    }
    if ($file) {
        $new->{room} += $file->{bytes};                              # it only moves
        @$file{qw(read_at read_lines)} = (0, 0);
        my $skip = -$in_memory;
        while ($file->unread) {
            my ($taken, $bytes) = $file->next_lines(1_000);
            for my $line (@$taken) { $kept += $new->append($line) if $skip-- <= 0 }
            $file->taken(scalar @$taken, $bytes);
        }
    }
    $kept ? $new->finish : $new->remove;
    $file->remove if $file;
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
    truncate $self->{fh}, $self->{bytes};                            # disk full in mid-line
    return 0;
}

sub unread { return $_[0]{read_at} < $_[0]{bytes} }

# The next lines, $most at the most, and how many bytes of the file they are.
# They count as taken only after taken(), so that an interruption between the two
# loses nothing.
sub next_lines {
    my ($self, $most) = @_;
    my $left = $self->{bytes} - $self->{read_at};
    return ([], 0) if $left <= 0 || $most <= 0;
    sysseek $self->{fh}, $self->{read_at}, SEEK_SET;
    my $got = sysread $self->{fh}, my $block, $left < BLOCK ? $left : BLOCK;
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
    eval { require IO::Handle; IO::Handle::sync($self->{fh}) };
    $self->release;
}

1;
