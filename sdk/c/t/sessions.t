# Acknowledged sessions: nothing lost, nothing twice, whatever the hub does.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin;
use JSON::PP ();
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
sub numbers_are_whole { my ($hub) = @_; my @n = map { $_->{number} } @{ $hub->accepted }; is_deeply \@n, [ 1 .. @n ], 'the numbering is whole' }

subtest 'hello, acks, the token, goodbye' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub, token => "s\"cret\n");
    $sdk->say('burst', 1, 500);
    is $sdk->say('flush', 60_000), 1, 'flush: all confirmed';
    my $stats = $sdk->stats;
    is "$stats->{state} $stats->{protocol} $stats->{acked} $stats->{sent} $stats->{buffered}", 'connected acked 500 500 0', 'statistics';
    my $hello = JSON::PP::decode_json($hub->hellos->[0]{line});
    is_deeply [ @{ $hello->{data} }{qw(client next sdk token)} ], [ $stats->{client}, 1, 'c/1.0.0', "s\"cret\n" ], 'hello';
    $sdk->say('close', 60_000);
    is_deeply bodies($hub), [ 1 .. 500 ], 'each once and in order';
    is $sdk->stats->{state}, 'closed', 'closed';
    $sdk->say('event', 'info', 'late');
    is $sdk->stats->{dropped}, 1, 'what comes later is counted as dropped';
};

subtest 'a single message goes out by itself' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    $sdk->say('event', 'info', 'one');
    ok wait_until('arrival', sub { @{ bodies($hub) } == 1 }), 'without flush';
    ok wait_until('ack', sub { $sdk->stats->{acked} == 1 }), 'and its ack is read';
    $sdk->done;
};

subtest 'the hub comes later, goes, and comes back' => sub {
    my $hub = FakeHub->new;
    my $sdk = sdk($hub);
    $sdk->say('burst', 1, 100);
    is $sdk->say('flush', 5_000), 0, 'flush does not wait for a hub that is not there';
    like $sdk->stats->{last_error}, qr/cannot connect to 127\.0\.0\.1:\d+: /, 'why';
    $hub->up;
    ok wait_until('delivery', sub { @{ bodies($hub) } == 100 }), 'it connects by itself';
    for my $round (1 .. 5) {
        $hub->down;
        $sdk->say('burst', $round * 100 + 1, $round * 100 + 100);
        $hub->up;
    }
    ok wait_until('delivery', sub { @{ bodies($hub) } >= 600 }), 'again and again';
    $sdk->say('close', 60_000);
    is_deeply bodies($hub), [ 1 .. 600 ], 'each once and in order';
    numbers_are_whole($hub);
};

subtest 'connections that end in the middle, without an ack' => sub {
    my $hub = FakeHub->new->up(close_after => 7);
    my $sdk = sdk($hub);
    $sdk->say('burst', 1, 200);
    ok wait_until('delivery', sub { @{ bodies($hub) } >= 200 }), 'all there';
    $hub->up;
    $sdk->say('close', 60_000);
    is_deeply bodies($hub), [ 1 .. 200 ], 'each once and in order';
    cmp_ok $sdk->stats->{resent}, '>', 0, 'lines were sent again';
    numbers_are_whole($hub);
};

subtest 'refused lines are not sent again' => sub {
    my $hub = FakeHub->new->up(refuse => qr/"msg":"[0-9]*[37]"/);
    my $sdk = sdk($hub);
    $sdk->say('burst', 1, 100);
    is $sdk->say('flush', 60_000), 1, 'all settled';
    is $sdk->stats->{refused}, 20, 'counted';
    like $sdk->stats->{last_error}, qr/\Arefused by the hub: bad: no "such" thing/, 'with the reason';
    $sdk->say('close', 60_000);
    is scalar @{ bodies($hub) }, 80, 'the others arrived';
    is scalar @{ $hub->repeated }, 0, 'nothing twice';
};

subtest 'hello refused' => sub {
    my $hub = FakeHub->new->up(greet_error => 1);
    my $sdk = sdk($hub);
    $sdk->say('event', 'info', 'kept');
    ok wait_until('refusal', sub { $sdk->stats->{last_error} eq 'refused by the hub: token: not "this" one' }), 'told';
    $hub->up;
    $sdk->say('close', 60_000);
    is_deeply bodies($hub), ['kept'], 'and tried again';
};

subtest 'a server that ignores hello' => sub {
    my $hub = FakeHub->new->up(answer => 0);
    my $sdk = sdk($hub, welcome_timeout_ms => 200);
    $sdk->say('burst', 1, 50);
    ok wait_until('decision', sub { $sdk->stats->{plain} == 50 }), 'lines count as sent';
    is $sdk->stats->{protocol}, 'plain', 'protocol';
    $sdk->say('burst', 51, 60);
    is $sdk->say('flush', 60_000), 1, 'flush';
    $sdk->say('close', 60_000);
    ok wait_until('arrival', sub { @{ bodies($hub) } == 60 }), 'all arrived';
    is_deeply bodies($hub), [ 1 .. 60 ], 'each once and in order';
};

subtest 'a hub that is slow to welcome' => sub {
    my $hub = FakeHub->new->up(late => 60);
    my $sdk = sdk($hub, welcome_timeout_ms => 50);
    $sdk->say('burst', 1, 50);
    ok wait_until('decision', sub { $sdk->stats->{plain} == 50 }), 'taken for plain';
    $sdk->say('burst', 51, 60);
    ok wait_until('the welcome', sub { $sdk->stats->{protocol} eq 'acked' }), 'until it answers';
    my $stats = $sdk->stats;
    is_deeply [ @$stats{qw(plain buffered acked)} ], [ 0, 60, 0 ], 'then nothing is taken for sent any more';
    $hub->up;
    is $sdk->say('close', 60_000), 'ok', 'a new connection';
    is_deeply bodies($hub), [ 1 .. 60 ], 'has it all';
    is $sdk->stats->{acked}, 61, 'acknowledged';
};

subtest 'protocol plain says no hello, acked never goes without' => sub {
    my $hub = FakeHub->new->up(answer => 0);
    my $plain = sdk($hub, protocol => 'plain');
    $plain->say('event', 'info', 'p');
    is $plain->say('flush', 60_000), 1, 'plain';
    $plain->say('close', 1_000);
    ok wait_until('arrival', sub { @{ bodies($hub) } == 1 }), 'arrived';
    is scalar @{ $hub->hellos }, 0, 'no hello';
    my $acked = sdk($hub, protocol => 'acked', welcome_timeout_ms => 50);
    $acked->say('event', 'info', 'a');
    ok wait_until('new connections', sub { @{ $hub->hellos } > 2 }), 'acked connects anew';
    is $acked->stats->{acked} + $acked->stats->{plain}, 0, 'and keeps the line';
    $hub->up;
    wait_until('delivery', sub { $acked->stats->{buffered} == 0 });
    $acked->say('close', 60_000);
    is scalar(grep { $_ eq 'a' } map { $_->{msg} // '' } map { $_->{data} } grep { $_->{type} eq 'event' } map { JSON::PP::decode_json($_->{line}) }
        grep { $_->{client} } @{ $hub->accepted }), 1, 'until there is a hub';
};

subtest 'a hub that answered once and hangs is not taken for plain' => sub {
    $dir = File::Temp->newdir;    # the one before may have left something, which would be acknowledged here
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub, welcome_timeout_ms => 100);
    $sdk->say('event', 'info', 1);
    ok wait_until('a welcome', sub { $sdk->stats->{acked} == 1 }), 'welcomed';     # perhaps late: flush is content with a plain server, too
    $hub->up(answer => 0);
    $sdk->say('event', 'info', 2);
    ok wait_until('a second try', sub { @{ $hub->hellos } >= 3 }), 'it tries again';
    is $sdk->stats->{plain}, 0, 'nothing counts as sent';
    $hub->up;
    ok wait_until('delivery', sub { $sdk->stats->{acked} == 2 }), 'delivered when it answers';
};

subtest 'max_message of the hub is kept to' => sub {
    my $hub = FakeHub->new->up(max_message => 2_000);
    my $sdk = sdk($hub);
    $sdk->say('event', 'info', 'first');
    $sdk->say('flush', 60_000);
    $sdk->say('event', 'info', 'x' x 5_000);
    is $sdk->say('flush', 60_000), 1, 'sent';
    cmp_ok length $hub->accepted->[-1]{line}, '<', 2_000, 'shortened';
};

subtest 'a host name, and one that does not exist' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub, host => 'localhost');
    $sdk->say('event', 'info', 'by name');
    ok wait_until('arrival', sub { @{ bodies($hub) } == 1 }), 'looked up';
    my $lost = sdk($hub, host => 'no-such-host.invalid', no_spool => 1);
    $lost->say('event', 'info', 'x');
    $lost->say('close', 100);
    is $lost->stats->{dropped}, 1, 'counted';
};

subtest 'a plain server gets what one round of writing leaves' => sub {
    my $hub = FakeHub->new;
    my $sdk = sdk($hub, protocol => 'plain');
    $sdk->say('event', 'info', $_ . 'x' x 10_000) for 1 .. 600;
    $hub->up(answer => 0);
    ok wait_until('arrival', sub { @{ $hub->accepted } == 600 }), 'without a call that would wake it';
    $sdk->say('close', 60_000);
};

subtest 'fenced, and sending fails before that is read' => sub {
    my $hub = FakeHub->new->up(fence => qr/"first"/);
    my $sdk = sdk($hub);
    $sdk->say('event', 'info', 'before');
    ok wait_until('an ack', sub { $sdk->stats->{acked} == 1 }), 'connected';
    my $client = $sdk->stats->{client};
    $sdk->say('deaf', 2);
    $sdk->say('event', 'info', 'first');
    ok wait_until('fenced', sub { @{ $hub->fenced } == 1 }), 'the hub says so and closes';
    $sdk->say('event', 'info', 'second');
    # One that sees the connection end says so.
    ok wait_until('flush', sub { $sdk->say('flush', 60_000) == 1 }), 'goes on';
    isnt $sdk->stats->{client}, $client, 'under an id of its own';
    is $sdk->stats->{refused}, 1, 'counted';
    $sdk->say('close', 60_000);
    is_deeply bodies($hub), [ qw(before first second) ], 'and all arrives';
};

subtest 'a hub on a Unix socket' => sub {
    require IO::Socket::UNIX;
    my $path = "$dir/hub.sock";
    my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 1) or die $!;
    my $sdk = Player->new(source => 'u', host => $path, no_spool => 1, close_timeout_ms => 50);
    $sdk->say('event', 'info', 'local');
    my $peer = $listener->accept;
    sysread $peer, my $text, 65_536;
    like $text, qr/"type":"hello".*\n/, 'hello arrives';
    $sdk->say('close', 50);
};
done_testing;
