package FakeHub;

# A scripted hub for tests: a forked process on a free loopback port that speaks
# the session protocol and writes every line it accepts to a file. What it knows
# of its clients survives down() and up(), as with a real hub.
#
#   my $hub = FakeHub->new;             # holds a port; connections are refused
#   $hub->up;  $hub->up(answer => 0);   # serve, with a behaviour
#   $hub->down;                         # kill it, refuse again
#   $hub->accepted;                     # [{conn, client, number, line}, ...]
#
# Behaviour: answer 0 = a server that ignores hello and never says a word ·
# ack 0 = welcome but no ack · late N = the welcome comes behind so many lines, and these are lost: no ack · close_after N = each connection is closed after N
# new lines, which were accepted but not acknowledged · refuse qr/../ = answer error to
# these lines · fence qr/../ = say fenced at such a line, once, and close · greet_error = answer hello with an error and close · max_message ·
# record 0 = keep no lines (benchmarks).

use strict;
use warnings;
use Errno qw(EINTR);
use File::Temp ();
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Time::HiRes ();

our @EXPORT_OK = qw(wait_until);
use Exporter 'import';

sub new {
    my ($class) = @_;
    my $holder = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', ReuseAddr => 1)
        or die "no port: $!";    # bound, not listening: the port stays ours and refuses
    my $dir = File::Temp->newdir;
    return bless { holder => $holder, port => $holder->sockport, dir => $dir, log => "$dir/accepted", owner => $$ }, $class;
}

sub port { return $_[0]{port} }

sub up {
    my ($self, %behaviour) = @_;
    $self->down;
    pipe my $ready, my $say_ready or die $!;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        close $ready;
        eval { $self->_serve($say_ready, %behaviour); 1 } or print STDERR "# fake hub: $@";
        # Not exit: END blocks and destructors are the test's.
        POSIX::_exit(1);
    }
    close $say_ready;
    $self->{pid} = $pid;
    sysread($ready, my $byte, 1) or die 'the fake hub did not start';
    return $self;
}

sub down {
    my ($self) = @_;
    local $?;
    my $pid = delete $self->{pid} or return;
    kill 'KILL', $pid;
    waitpid $pid, 0;
    return;
}

# SIGSTOP and SIGCONT: a hub that hangs.
sub freeze { kill 'STOP', $_[0]{pid} }
sub thaw   { kill 'CONT', $_[0]{pid} }

sub _records {
    my ($self, $kind) = @_;
    open my $fh, '<:raw', $self->{log} or return [];
    my @records;
    while (my $text = <$fh>) {
        next unless $text =~ /\A\Q$kind\E\t/ && $text =~ s/\n\z//;
        my %record;
        @record{qw(kind conn client number line)} = map { length $_ ? $_ : undef } split /\t/, $text, 5;
        push @records, \%record;
    }
    return \@records;
}

sub accepted { return $_[0]->_records('line') }
sub hellos   { return $_[0]->_records('hello') }
sub fenced   { return $_[0]->_records('fenced') }
sub repeated { return $_[0]->_records('repeated') }
sub messages { my ($self) = @_; return [ map { JSON::PP::decode_json($_->{line}) } @{ $self->accepted } ] }

sub DESTROY { my ($self) = @_; $self->down if $self->{owner} == $$; return }

# Polls until $check is true; a test that waits in vain fails with $what.
sub wait_until {
    my ($what, $check, $seconds) = @_;
    my $deadline = Time::HiRes::time() + ($seconds // 60);
    while (Time::HiRes::time() < $deadline) {
        my $result = $check->();
        return $result if $result;
        select undef, undef, undef, 0.01;
    }
    Test::More::diag("waited in vain: $what");
    return 0;
}

# --- the process ----------------------------------------------------------------

sub _serve {
    my ($self, $say_ready, %b) = @_;
    $SIG{$_} = 'DEFAULT' for qw(INT TERM ALRM);
    $SIG{PIPE} = 'IGNORE';
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $self->{port}, Proto => 'tcp', ReuseAddr => 1,
        Listen => 50) or die "listen: $!";
    open my $log, '+>>:raw', $self->{log} or die $!;
    # A killed hub may have left half a record. Nobody was told that it had this line.
    seek $log, 0, 0;
    my $whole = 0;
    while (<$log>) { $whole += length if /\n\z/ }
    truncate $log, $whole;
    my $record = sub {
        my %r = @_;
        my $text = join("\t", map { $_ // '' } @r{qw(kind conn client number line)}) . "\n";
        syswrite($log, $text) == length $text or die "record: $!";
    };
    my %known;    # client => last number
    for (@{ $self->accepted }, @{ $self->_records('refused') }) {
        my $client = $_->{client} // next;
        $known{$client} = $_->{number} if $_->{number} > ($known{$client} // 0);
    }
    my $conn = @{ $self->_records('connect') };
    syswrite $say_ready, '.';
    my $select = IO::Select->new($listener);
    my %peer;
    my $parent = getppid;
    while (getppid == $parent) {
        for my $socket ($select->can_read(0.5)) {
            if ($socket == $listener) {
                my $new = $listener->accept or next;
                $select->add($new);
                $peer{$new} = { conn => ++$conn, in => '', lines => 0 };
                $record->(kind => 'connect', conn => $conn);
                next;
            }
            my $p   = $peer{$socket};
            my $got = sysread $socket, $p->{in}, 65_536, length $p->{in};
            my $open = $got ? _take($socket, $p, \%known, $record, \%b) : 0;
            next if $open;
            $record->(kind => 'closed', conn => $p->{conn}, client => $p->{client});
            delete $peer{$socket};
            $select->remove($socket);
            close $socket;
        }
    }
}

# Everything that has arrived from one peer; false when it is to be closed.
sub _take {
    my ($socket, $p, $known, $record, $b) = @_;
    my $out = '';
    while ($p->{in} =~ s/\A([^\n]*)\n//) {
        my $line = $1;
        next if $line eq '';
        my $message = $p->{greeted} ? undef : eval { JSON::PP::decode_json($line) };
        if (!$p->{greeted}++ && $message && $message->{type} eq 'hello') {
            $record->(kind => 'hello', conn => $p->{conn}, line => $line, client => $message->{data}{client},
                number => $message->{data}{next});
            if ($b->{greet_error}) {
                syswrite $socket, qq({"v":1,"type":"error","data":{"code":"token","reason":"not \\"this\\" one"}}\n);
                return 0;
            }
            next if exists $b->{answer} && !$b->{answer};
            ($p->{client}, $p->{number}) = ($message->{data}{client}, $message->{data}{next} - 1);
            $known->{ $p->{client} } //= $p->{number};
            next if $b->{late};
            $out .= sprintf qq({"v":1,"type":"welcome","data":{"acked":%d,"hub":"fake","max_message":%d}}\n),
                $known->{ $p->{client} }, $b->{max_message} // 65_536;
            next;
        }
        if ($b->{late}) {
            $out .= qq({"v":1,"type":"welcome","data":{"acked":$p->{number}}}\n) if ++$p->{lines} == $b->{late};
            next;
        }
        if ($b->{fence} && $line =~ $b->{fence}) {
            delete $b->{fence};
            syswrite $socket, qq({"v":1,"type":"error","data":{"code":"fenced","reason":"another has your id"}}\n);
            $record->(kind => 'fenced', conn => $p->{conn}, client => $p->{client});
            return 0;
        }
        my $kind = 'line';
        my $number = $p->{client} ? ++$p->{number} : undef;
        if (defined $number && $number <= $known->{ $p->{client} }) { $kind = 'repeated' }
        elsif ($b->{refuse} && $line =~ $b->{refuse}) {
            $kind = 'refused';
            $out .= qq({"v":1,"type":"error","data":{"seq":$number,"code":"bad","reason":"no \\"such\\" thing"}}\n) if defined $number;
        }
        $known->{ $p->{client} } = $number if $p->{client} && $kind ne 'repeated';
        next if exists $b->{record} && !$b->{record};
        $record->(kind => $kind, conn => $p->{conn}, client => $p->{client}, number => $number, line => $line);
        return 0 if $b->{close_after} && $kind eq 'line' && ++$p->{lines} >= $b->{close_after};
    }
    $out .= qq({"v":1,"type":"ack","data":{"seq":$known->{ $p->{client} }}}\n)
        if $p->{client} && !(exists $b->{ack} && !$b->{ack}) && !$b->{close_after} && !$b->{late};
    syswrite $socket, $out if length $out;
    return 1;
}

1;
