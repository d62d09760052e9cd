# The application notices nothing: fork, threads, signals, a hub that is away, hangs or is killed.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use File::Glob ':bsd_glob';
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../../perl/t/lib";
use FakeHub qw(wait_until);
use Player;

delete @ENV{ grep { /^MONITORING_/ } keys %ENV };
my $dir = File::Temp->newdir;

sub sdk {
    my ($hub, %more) = @_;
    return Player->new(source => 'svc', port => $hub->port, spool_dir => $dir, backoff_min_ms => 5, backoff_max_ms => 50, %more);
}
sub bodies { return [ map { $_->{data}{msg} } grep { $_->{type} eq 'event' } @{ $_[0]->messages } ] }
sub doubled { my %seen; $seen{$_}++ for @{ $_[0] }; return [ grep { $seen{$_} > 1 } sort keys %seen ] }
sub empty { is_deeply [ glob "$dir/*.{ldjson,open-c,claimed-c}" ], [], 'the spool is empty' }

subtest 'a child is a new client' => sub {
    plan skip_all => 'no forks' if $ENV{C_SDK_NO_FORK};
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    $sdk->say('event', 'info', 'parent 1');
    my $span = $sdk->say('start_span', 'outer', undef);
    $sdk->send('fork');
    $sdk->send(@$_) for [ 'event', 'info', 'child' ], [ 'start_span', 'in child', undef ], [ 'event', 'info', 'child at exit' ];
    is $sdk->say('end'), 0, 'a child that logs, and leaves by exit()';
    $sdk->send('fork');
    is $sdk->say('end'), 0, 'a child that does nothing';
    $sdk->say('event', 'info', 'parent 2');
    $sdk->say('close', 60_000);
    is_deeply [ sort @{ bodies($hub) } ], [ 'child', 'child at exit', 'parent 1', 'parent 2' ], 'each message once';
    my %clients = map { $_->{client} => 1 } @{ $hub->hellos };
    is scalar keys %clients, 2, 'two clients';
    my ($in_child) = grep { ($_->{data}{name} // '') eq 'in child' } @{ $hub->messages };
    is $in_child->{pid}, $span, 'the span of the child hangs under its parent\'s';
    empty();
};

subtest 'fork while spooling' => sub {
    plan skip_all => 'no forks' if $ENV{C_SDK_NO_FORK};
    my $hub = FakeHub->new;
    my $sdk = sdk($hub, buffer => 5);
    $sdk->say('burst', 1, 20);
    $sdk->send('fork');
    $sdk->send('burst', 101, 120);
    is $sdk->say('end'), 0, 'the child ends well';
    $sdk->say('burst', 21, 30);
    $hub->up;
    $sdk->say('close', 60_000);
    is_deeply [ grep { $_ < 100 } @{ bodies($hub) } ], [ 1 .. 30 ], 'the parent\'s in order';
    is_deeply [ sort { $a <=> $b } grep { $_ > 100 } @{ bodies($hub) } ], [ 101 .. 120 ], 'the child\'s as well';
    empty();
};

subtest 'eight threads, the hub killed again and again' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    $sdk->send('threads', 8, 2_000);
    for (1 .. 5) { select undef, undef, undef, 0.02; $hub->down; $hub->up }
    is readline $sdk->{out}, "ok\n", 'they end';
    is $sdk->stats->{dropped}, 0, 'nothing dropped';
    ok wait_until('delivery', sub { $sdk->say('flush', 1_000) }, 40), 'delivered';
    $sdk->say('close', 60_000);
    my @bodies = @{ bodies($hub) };
    is scalar @bodies, 16_000, 'all there';
    is_deeply doubled(\@bodies), [], 'none twice';
    my (%last, $disorder);
    for (@bodies) { my ($thread, $n) = split /\./; $disorder++ if $n <= ($last{$thread} // 0); $last{$thread} = $n }
    ok !$disorder, 'each thread\'s in order';
    my @n = map { $_->{number} } @{ $hub->accepted };
    is_deeply \@n, [ 1 .. @n ], 'the numbering is whole';
    empty();
};

subtest '100,000 calls with the hub gone' => sub {
    my $hub = FakeHub->new;
    my $sdk = sdk($hub);
    my $seconds = $sdk->say('burst', 1, 100_000);
    note "$seconds s";
    $sdk->say('close', 1_000);
    my $stats = $sdk->stats;
    is $stats->{left_in_spool} + $stats->{dropped}, 100_000, 'every message is in the spool or counted';
    is $stats->{dropped}, 0, 'none is dropped';
    $hub->up(record => 0);
    my $next = sdk($hub);
    $next->say('event', 'info', 'x');
    ok wait_until('sending', sub { !(() = glob "$dir/*.{ldjson,claimed-c}") }, 60), 'sent later';
    $next->say('close', 60_000);
    empty();
};

subtest 'a hub that hangs' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    $sdk->say('event', 'info', 1);
    $sdk->say('flush', 60_000);
    $hub->freeze;
    $sdk->say('burst', 2, 5_000);
    ok wait_until('the spool', sub { $sdk->stats->{spooled} > 0 }), 'what it does not take goes to the spool';
    is $sdk->say('flush', 50), 0, 'flush ends in time';
    $hub->thaw;
    ok wait_until('delivery', sub { $sdk->say('flush', 1_000) }), 'delivered when it goes on';
    $sdk->say('close', 60_000);
    is_deeply bodies($hub), [ 1 .. 5_000 ], 'each once and in order';
    empty();
};

subtest 'a signal handler that logs is not a deadlock' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    $sdk->say('handler');
    $sdk->say('alarm', 200);
    $sdk->say('burst', 1, 50_000);
    $sdk->say('alarm', 0);
    ok wait_until('delivery', sub { $sdk->say('flush', 1_000) }, 40), 'delivered';
    $sdk->say('close', 60_000);
    is_deeply [ grep { $_ ne 'handler' } @{ bodies($hub) } ], [ 1 .. 50_000 ], 'each once and in order';
};

subtest 'a signal handler that forks is not a deadlock' => sub {
    plan skip_all => 'no forks' if $ENV{C_SDK_NO_FORK};
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    $sdk->say('forking_handler');
    $sdk->say('alarm', 500);
    $sdk->say('burst', 1, 20_000);
    $sdk->say('alarm', 0);
    ok wait_until('delivery', sub { $sdk->say('flush', 1_000) }, 40), 'delivered';
    $sdk->say('close', 60_000);
    is_deeply bodies($hub), [ 1 .. 20_000 ], 'each once and in order';
};

subtest 'a folder that hangs holds up neither calls nor fork' => sub {
    my $hub = FakeHub->new;
    my $sdk = sdk($hub, buffer => 5);
    $sdk->say('gate', 1);
    $sdk->say('burst', 1, 20);
    ok wait_until('the gate', sub { $sdk->say('seen', 'at_gate') }), 'the thread hangs in it';
    $sdk->say('burst', 21, 30);
    if (!$ENV{C_SDK_NO_FORK}) {
        $sdk->send('fork');
        $sdk->send('event', 'info', 'child');
        $sdk->send('gate', 0);      # its own
        is $sdk->say('end'), 0, 'a child that logs and ends while it hangs';
    }
    is $sdk->say('seen', 'at_gate'), 1, 'it still does';
    $sdk->say('gate', 0);
    $hub->up;
    $sdk->say('close', 60_000);
    is_deeply [ grep { $_ ne 'child' } @{ bodies($hub) } ], [ 1 .. 30 ], 'all is delivered';
    empty();
};

subtest 'exit() in the middle of another thread\'s close' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub, close_timeout_ms => 100);
    $sdk->say('event', 'info', 0);
    $sdk->say('flush', 60_000);
    $hub->freeze;
    $sdk->say('burst', 1, 50);
    $sdk->send('exit_while_closing');
    is $sdk->done, 0, 'it ends';
    $hub->thaw;
    my $next = sdk($hub);
    $next->say('event', 'info', 51);
    $next->say('close', 60_000);
    is_deeply [ sort { $a <=> $b } @{ bodies($hub) } ], [ 0 .. 51 ], 'what it had in memory is delivered';
    empty();
};

subtest 'a thread that is cancelled in flush' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    $sdk->say('event', 'info', 1);
    $sdk->say('flush', 60_000);
    $hub->freeze;
    $sdk->say('event', 'info', 2);
    $sdk->say('cancel_in_flush');
    $sdk->say('event', 'info', 3);
    $hub->thaw;
    is $sdk->say('flush', 60_000), 1, 'keeps nobody else waiting';
    $sdk->say('close', 60_000);
    is_deeply bodies($hub), [ 1 .. 3 ], 'all is delivered';
};

subtest 'flush, while another thread logs on' => sub {
    my $hub = FakeHub->new->up(record => 0);
    my $sdk = sdk($hub);
    $sdk->say('burst', 1, 100);
    is $sdk->say('flush_while_logging', 60_000), 1, 'ends when what was logged before is safe';
    $sdk->say('close', 60_000);
    empty();
};

subtest 'spans belong to their thread' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    $sdk->say('leave_span', 'left open');
    is $sdk->say('current_in_thread'), "\t", 'not to one that comes later';
    is $sdk->say('current'), "\t", 'nor to one that lives';
    if (!$ENV{C_SDK_NO_FORK}) {
        $sdk->send('fork');
        $sdk->send('start_span', 'in child', undef);
        $sdk->say('end');
        ok wait_until('its span', sub { grep { ($_->{data}{name} // '') eq 'in child' } @{ $hub->messages } }), 'a child';
        my ($in_child) = grep { ($_->{data}{name} // '') eq 'in child' } @{ $hub->messages };
        is $in_child->{pid}, undef, 'nor to the child of another thread';
    }
    $sdk->say('close', 60_000);
};

subtest 'an application that closes descriptors which it did not open' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    $sdk->say('event', 'info', 1);
    $sdk->say('flush', 60_000);
    $sdk->say('close_descriptors');
    $sdk->say('event', 'info', 2);
    ok wait_until('delivery', sub { @{ bodies($hub) } == 2 }), 'a new connection';
    cmp_ok $sdk->say('seen', 'invalid_polls'), '<=', 2, 'and the thread does not spin';
    $sdk->say('close', 60_000);
};

subtest 'no arguments at all' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = Player->new;
    $sdk->say($_, (undef) x 4) for qw(event metric progress resource heartbeat trace end_span job part end_part end_job close flush stats current);
    like $sdk->say('stats'), qr/state=closed/, 'a NULL for an SDK is borne';
    my $real = sdk($hub);
    $real->say($_, (undef) x 3) for qw(event metric progress resource start_span end_span job part end_part end_job);
    is $real->say('flush', 60_000), 1, 'NULL texts are sent as empty ones';
    $real->say('close', 60_000);
    is scalar @{ $hub->accepted }, $real->stats->{messages} + 1, 'all of them, and goodbye';
};
done_testing;
