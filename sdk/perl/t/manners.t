# A guest in somebody else's process: never blocks it, never kills it, leaves
# its variables and signals alone, survives its forks.
use strict;
use warnings;
use Test::More;
use Errno qw(ENOENT);
use File::Temp ();
use FindBin;
use POSIX ();
use Time::HiRes ();
use lib "$FindBin::Bin/lib";
use FakeHub qw(wait_until);
use MonitoringSDK;

delete @ENV{ grep { /^MONITORING_/ } keys %ENV };
my $dir = File::Temp->newdir;

sub sdk {
    my ($hub, %more) = @_;
    return MonitoringSDK->new(source => 'guest', port => ref $hub ? $hub->port : $hub, spool_dir => "$dir",
        backoff_min => 0.01, backoff_max => 0.05,
        welcome_timeout => 60, %more);    # on a busy machine the hub must not be taken for a plain one
}
sub bodies { return [ map { $_->{data}{msg} } grep { $_->{type} eq 'event' } @{ $_[0]->messages } ] }
sub clean  { unlink glob "$dir/*" }

subtest '$@, $!, $?, $_ and $1 stay as they were' => sub {
    my $hub = FakeHub->new;
    my $sdk = sdk($hub, buffer => 3);
    for my $up (0, 1) {
        $hub->up if $up;
        for my $call (sub { $sdk->log_event('info', 'x', { a => [1] }) }, sub { $sdk->log_resource }, sub { $sdk->flush(1) },
            sub { $sdk->end_span($sdk->start_span('s')) }, sub { $sdk->log_event('info', bless {}, 'X') for 1 .. 10 })
        {
            local ($@, $!, $?, $_, $,, $\, $/) = ('mine', ENOENT, 3 << 8, 'topic', '-', '!', undef);
            'abc' =~ /(b)/;
            $call->();
            is_deeply [ $@, $! + 0, $?, $_, $1, $,, $\, $/ ], [ 'mine', ENOENT, 3 << 8, 'topic', 'b', '-', '!', undef ], 'unchanged';
        }
    }
    $sdk->close(20);
    clean();
};

subtest 'signal handlers stay, rand() is not disturbed' => sub {
    my $hub = FakeHub->new->up;
    my %before = %SIG;
    srand 42;
    my @expected = map { rand } 1 .. 3;
    srand 42;
    my $sdk = sdk($hub);
    $sdk->log_event('info', 'x');
    $sdk->start_span('y');
    $sdk->close;
    is_deeply [ map { rand } 1 .. 3 ], \@expected, 'rand';
    is_deeply \%SIG, \%before, '%SIG';
};

subtest 'a hub that closes does not kill with SIGPIPE' => sub {
    my $hub = FakeHub->new->up(close_after => 3);
    my $pid = fork // die $!;
    if (!$pid) {
        $SIG{PIPE} = 'DEFAULT';
        my $sdk = sdk($hub, flush_bytes => 1);
        $sdk->log_event('info', "$_ " . 'x' x 2_000) for 1 .. 2_000;
        $hub->{pid} = undef;
        $sdk->close(0);
        POSIX::_exit(9);
    }
    waitpid $pid, 0;
    is $?, 9 << 8, 'it lived to its end';
    clean();
};

subtest '10,000 calls without a hub' => sub {
    my $hub = FakeHub->new;
    my $sdk = sdk($hub);
    my ($connects, $waits) = (0, 0);
    {
        no warnings 'redefine';
        my $connect = \&MonitoringSDK::Session::_connect;
        local *MonitoringSDK::Session::_connect = sub { $connects++; return $connect->(@_) };
        local *MonitoringSDK::Sender::_wait_for = sub { $waits++; return 0 };
        $sdk->log_event('info', $_, { n => $_ }) for 1 .. 10_000;
    }
    is $waits, 0, 'no call waited for anything';
    cmp_ok $connects, '<', 2_000, 'and few tried to connect';
    my $stats = $sdk->get_stats;
    is $stats->{buffered}, 1_000, 'bounded memory';
    is $stats->{spooled},  9_000, 'the rest in the spool';
    is $stats->{dropped},  0,     'nothing lost';
    $sdk->close;
    clean();
};

subtest 'a hub that accepts and hangs' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub, close_timeout => 0.3);
    $sdk->log_event('info', 'first');
    ok $sdk->flush(20), 'connected';
    $hub->freeze;
    my $worst = 0;
    for (1 .. 2_000) {
        my $start = Time::HiRes::time();
        $sdk->log_event('info', 'x' x 2_000);
        my $took = Time::HiRes::time() - $start;
        $worst = $took if $took > $worst;
    }
    cmp_ok $worst, '<', 10, 'no call waited for it';
    my $start = Time::HiRes::time();
    $sdk->close;
    cmp_ok Time::HiRes::time() - $start, '<', 30, 'close has a limit';
    is $sdk->get_stats->{dropped}, 0, 'nothing lost';
    $hub->thaw;
    my $next = sdk($hub, close_timeout => 30);
    $next->log_event('info', 'last');
    $next->close;
    is scalar @{ bodies($hub) }, 2_002, 'all there in the end, each once';
    clean();
};

subtest 'fork' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    my $trace = 'trace-f';
    $sdk->set_trace_id($trace);
    my $span = $sdk->start_span('parent');
    ok $sdk->flush(20), 'connected';
    $sdk->log_event('info', "parent $_") for 1 .. 3;    # still in the buffer
    my @pids;
    for my $kind (qw(silent logs exits execs)) {
        my $pid = fork // die $!;
        push @pids, $pid;
        next if $pid;
        # The tests of the harness must not end here: POSIX::_exit after our own END work.
        if ($kind eq 'logs')  { $sdk->log_event('info', 'child'); $sdk->end_span($sdk->start_span('in child')); $sdk->close(20) }
        if ($kind eq 'exits') { $sdk->log_event('info', 'child at exit'); undef $sdk }
        if ($kind eq 'execs') { exec $^X, '-e', '1' }
        undef $sdk;
        POSIX::_exit(0);
    }
    waitpid $_, 0 for @pids;
    $sdk->end_span($span);
    $sdk->log_event('info', 'parent 4');
    ok $sdk->flush(20), 'the parent goes on';
    is scalar(grep { $_->{kind} eq 'closed' && $_->{client} eq $sdk->get_stats->{client} } @{ $hub->_records('closed') }), 0,
        'on the connection it had';
    $sdk->close;
    is_deeply [ sort @{ bodies($hub) } ], [ 'child', 'child at exit', 'parent 1', 'parent 2', 'parent 3', 'parent 4' ], 'each message once';
    my %clients = map { $_->{client} => 1 } @{ $hub->hellos };
    is scalar keys %clients, 3, 'three clients';
    my ($in_child) = grep { ($_->{data}{name} // '') eq 'in child' } @{ $hub->messages };
    is $in_child->{pid}, $span, 'the span of the child hangs under its parent\'s';
    is $in_child->{tid}, $trace, 'in its trace';
};

subtest 'the processor time of a child counts since the fork' => sub {
    plan skip_all => 'no /proc/self/stat' if !-r '/proc/self/stat';
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    local $^T = $^T - 10_000;
    my $pid = fork // die $!;
    if (!$pid) {
        1 while (times)[0] < 0.2;
        $sdk->log_resource;
        POSIX::_exit($sdk->flush(30) ? 0 : 1);
    }
    waitpid $pid, 0;
    my ($resource) = grep { $_->{type} eq 'resource' } @{ $hub->messages };
    cmp_ok $resource->{data}{cpu}, '>', 1, 'not since Perl began';
};

subtest 'fork while spooling' => sub {
    my $hub = FakeHub->new;
    my $sdk = sdk($hub, buffer => 5);
    $sdk->log_event('info', "p$_") for 1 .. 20;
    my $pid = fork // die $!;
    if (!$pid) { $sdk->log_event('info', "c$_") for 1 .. 20; $sdk->close; POSIX::_exit(0) }
    waitpid $pid, 0;
    $sdk->log_event('info', "p$_") for 21 .. 30;
    $hub->up;
    $sdk->close(20);
    my %seen;
    $seen{$_}++ for @{ bodies($hub) };
    is scalar keys %seen, 50, 'all there';
    is_deeply [ grep { $_ > 1 } values %seen ], [], 'each once';
    is_deeply [ grep { /^p/ } @{ bodies($hub) } ], [ map {"p$_"} 1 .. 30 ], 'in order';
    clean();
};

subtest 'alarm and die of the application get through, and nothing breaks' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    my $n = 0;
    for my $round (1 .. 10) {
        local $SIG{ALRM} = sub { die "timeout of the application\n" };
        my $guard = Time::HiRes::time() + 20;
        eval {
            Time::HiRes::ualarm(3_000);
            while (Time::HiRes::time() < $guard) { $sdk->log_event('info', ++$n) }
            Time::HiRes::ualarm(0);
        };
        is $@, "timeout of the application\n", "round $round" or last;
    }
    $sdk->log_event('info', ++$n);
    $sdk->close(30);
    my %seen;
    $seen{$_}++ for @{ bodies($hub) };
    is_deeply [ grep { $_ > 1 } values %seen ], [], 'none twice';
    cmp_ok $n - keys %seen, '<=', 10, 'at most the interrupted calls are missing';
    my @numbers = map { $_->{number} } @{ $hub->accepted };
    is_deeply \@numbers, [ 1 .. @numbers ], 'the numbering is whole';
    clean();
};

subtest 'a call that dies while it makes a spool file' => sub {
    my $hub = FakeHub->new;
    my $sdk = sdk($hub, buffer => 5);
    $sdk->log_event('info', $_) for 1 .. 5;
    {
        no warnings 'redefine';
        my $create = \&MonitoringSDK::Spool::create;
        local *MonitoringSDK::Spool::create = sub { my $file = $create->(@_); die "timeout of the application\n" };
        ok !eval { $sdk->log_event('info', 'interrupted'); 1 }, 'the exception gets through';
    }
    is scalar(my @left = glob "$dir/*.open"), 1, 'an empty file is left';
    $hub->up;
    ok $sdk->flush(20), 'the hub comes';
    $hub->down;
    $sdk->log_event('info', $_) for 6 .. 20;
    my @open = glob "$dir/*.open";
    is scalar @open, 1, 'the next overflow removes it';
    isnt $open[0], $left[0], 'and has one of its own';
    $hub->up;
    ok $sdk->flush(20), 'all sent';
    is_deeply bodies($hub), [ 1 .. 20 ], 'each once and in order';
    $sdk->close;
    clean();
};

subtest 'files of the own client are not sent by a second session' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    my $client = $sdk->get_stats->{client};
    $sdk->log_event('info', 1);
    ok $sdk->flush(20), 'connected';
    for my $ending (qw(open claimed ldjson)) {
        open my $fh, '>', "$dir/guest-$client-1.$ending" or die $!;
        print $fh qq({"v":1,"src":"guest","ts":1,"type":"heartbeat"}\n);
        close $fh;
        $sdk->{sender}{look_for_files} = 1;             # as after each new connection
        $sdk->log_event('info', $ending);
        ok $sdk->{sender}->flush(20, 1), "with $ending";
        ok -e "$dir/guest-$client-1.$ending", 'left alone';
        unlink "$dir/guest-$client-1.$ending";
    }
    is_deeply bodies($hub), [ 1, qw(open claimed ldjson) ], 'each once';
    is_deeply [ grep { $_->{number} == 1 } @{ $hub->repeated } ], [], 'no second session';
    $sdk->close;
};

subtest 'a signal handler that logs' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    my ($in_handler, $n) = (0, 0);
    local $SIG{ALRM} = sub { $sdk->log_event('info', 'h' . ++$in_handler) };
    Time::HiRes::setitimer(Time::HiRes::ITIMER_REAL(), 0.0005, 0.0005);
    my $guard = Time::HiRes::time() + 20;
    $sdk->log_event('info', 'm' . ++$n) while $in_handler < 100 && Time::HiRes::time() < $guard;
    Time::HiRes::setitimer(Time::HiRes::ITIMER_REAL(), 0);
    $sdk->close(30);
    is_deeply [ sort @{ bodies($hub) } ], [ sort map({"m$_"} 1 .. $n), map {"h$_"} 1 .. $in_handler ], 'everything arrived, each once';
    my @numbers = map { $_->{number} } @{ $hub->accepted };
    is_deeply \@numbers, [ 1 .. @numbers ], 'the numbering is whole';
    clean();
};

subtest 'a signal handler that closes and exits' => sub {
    my $hub = FakeHub->new->up;
    my $sent = "$dir/count";
    my $pid = fork // die $!;
    if (!$pid) {
        my $sdk = sdk($hub, close_timeout => 20);
        my $n = 0;
        $SIG{ALRM} = sub {
            $sdk->close;
            open my $fh, '>', $sent;
            print $fh $n;
            close $fh;
            POSIX::_exit(0);
        };
        Time::HiRes::ualarm(30_000);
        $sdk->log_event('info', ++$n) while 1;
    }
    waitpid $pid, 0;
    open my $fh, '<', $sent or die $!;
    my $n = <$fh>;
    my @bodies = @{ bodies($hub) };
    cmp_ok abs($n - @bodies), '<=', 1, 'all there but the interrupted call';
    my %seen;
    $seen{$_}++ for @bodies;
    is_deeply [ grep { $_ > 1 } values %seen ], [], 'each once';
    clean();
};

subtest 'writes are batched' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    my $writes = 0;
    {
        no warnings 'redefine';
        my $send = \&MonitoringSDK::Connection::send;
        local *MonitoringSDK::Connection::send = sub { $writes++; return $send->(@_) };
        $sdk->log_event('info', $_) for 1 .. 900;
        $sdk->flush(20);
    }
    cmp_ok $writes, '<', 200, "900 messages in $writes writes";
    $sdk->close;
};

subtest 'a hub on a Unix socket' => sub {
    require IO::Socket::UNIX;
    my $path = "$dir/hub.sock";
    my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 1) or plan skip_all => "no Unix sockets: $!";
    my $sdk = MonitoringSDK->new(source => 'u', host => $path, spool => 0, close_timeout => 0.05);
    $sdk->log_event('info', 'local');
    my $peer = $listener->accept;
    sysread $peer, my $text, 65_536;
    like $text, qr/"type":"hello".*\n/, 'hello arrives';
    $sdk->close;
};

done_testing;
