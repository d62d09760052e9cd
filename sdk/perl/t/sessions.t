# Acknowledged sessions: nothing lost, nothing twice, whatever the hub does.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin;
use lib "$FindBin::Bin/lib";
use FakeHub qw(wait_until);
use MonitoringSDK;

delete @ENV{ grep { /^MONITORING_/ } keys %ENV };
my $dir = File::Temp->newdir;

sub sdk {
    my ($hub, %more) = @_;
    return MonitoringSDK->new(source => 'svc', port => $hub->port, spool_dir => "$dir", backoff_min => 0.01, backoff_max => 0.05, welcome_timeout => 60,
        close_timeout => 60, %more);
}
sub bodies  { return [ map { $_->{data}{msg} } grep { $_->{type} eq 'event' } @{ $_[0]->messages } ] }
sub numbers { return [ map { $_->{number} } @{ $_[0]->accepted } ] }

# Steps the SDK as an application that goes on working would.
sub settled {
    my ($sdk, $check) = @_;
    return wait_until('delivery', sub { $sdk->flush(0.2); return $check ? $check->() : $sdk->get_stats->{buffered} == 0 });
}

subtest 'a welcome, acks, a goodbye' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub, token => 'se"cret');
    $sdk->log_event('info', $_) for 1 .. 10;
    ok $sdk->flush(20), 'all confirmed';
    my $stats = $sdk->get_stats;
    is $stats->{acked},    10,          'acked';
    is $stats->{sent},     10,          'sent';
    is $stats->{state},    'connected', 'state';
    is $stats->{protocol}, 'acked',     'protocol';
    my $hello = JSON::PP::decode_json($hub->hellos->[0]{line});
    is_deeply $hello->{data}, { client => $stats->{client}, next => 1, sdk => 'perl/1.0.0', token => 'se"cret' }, 'hello';
    like $stats->{client}, qr/\A[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\z/, 'a version 4 UUID';
    $sdk->close;
    is $sdk->get_stats->{state}, 'closed', 'closed';
    $sdk->log_event('info', 'too late');
    is $sdk->get_stats->{dropped}, 1, 'a call after close is counted';
};

subtest 'the connection is lost again and again' => sub {
    my $hub = FakeHub->new->up(close_after => 7);
    my $sdk = sdk($hub);
    $sdk->log_event('info', $_) for 1 .. 100;
    settled($sdk, sub { @{ $hub->accepted } >= 100 });
    is_deeply bodies($hub), [ 1 .. 100 ], 'each once and in order';
    is_deeply numbers($hub), [ 1 .. 100 ], 'numbered without a gap';
    cmp_ok scalar @{ $hub->hellos }, '>', 5, 'over many connections';
    cmp_ok $sdk->get_stats->{resent}, '>', 0, 'with lines sent again';
    $hub->up;
    ok settled($sdk), 'confirmed by the hub that came back';
    is $sdk->get_stats->{acked}, 100, 'acked';
    $sdk->close;
    is_deeply bodies($hub), [ 1 .. 100 ], 'still each once';
};

subtest 'welcome knows more than the client' => sub {
    my $hub = FakeHub->new->up(ack => 0);
    my $sdk = sdk($hub);
    $sdk->log_event('info', $_) for 1 .. 20;
    settled($sdk, sub { @{ $hub->accepted } == 20 });
    is $sdk->get_stats->{buffered}, 20, 'kept without an ack';
    $hub->down;
    $sdk->log_event('info', $_) for 21 .. 30;
    $sdk->flush(0.1);
    is $sdk->get_stats->{state}, 'disconnected', 'noticed';
    $hub->up(ack => 0);    # only welcome says that 1..20 are there
    settled($sdk, sub { @{ $hub->accepted } == 30 });
    is_deeply bodies($hub),  [ 1 .. 30 ], 'new lines keep their numbers';
    is_deeply numbers($hub), [ 1 .. 30 ], 'no gap';
    is $hub->hellos->[1]{number}, 1, 'hello names the first unacknowledged';
    settled($sdk, sub { $sdk->get_stats->{buffered} == 10 });
    is $sdk->get_stats->{acked}, 20, 'the welcome confirmed what was written';
    $hub->up;
    $sdk->close;
    is_deeply bodies($hub), [ 1 .. 30 ], 'each once';
};

subtest 'a refused line' => sub {
    my $hub = FakeHub->new->up(refuse => qr/"msg":"(?:3|5)"/);
    my $sdk = sdk($hub);
    $sdk->log_event('info', $_) for 1 .. 5;
    ok $sdk->flush(20), 'counts as confirmed';
    is $sdk->get_stats->{refused}, 2, 'counted';
    is $sdk->get_stats->{last_error}, 'refused by the hub: bad: no \"such\" thing', 'with its reason';
    is_deeply bodies($hub), [ 1, 2, 4 ], 'the others are there';
    $sdk->close;
};

subtest 'an error says nothing about earlier lines' => sub {
    my $hub = FakeHub->new->up(refuse => qr/"msg":"3"/, ack => 0);
    my $sdk = sdk($hub);
    $sdk->log_event('info', $_) for 1 .. 3;
    settled($sdk, sub { $sdk->get_stats->{refused} });
    is $sdk->get_stats->{buffered}, 3, 'all kept';
    $hub->up;
    ok settled($sdk), 'confirmed later';
    $sdk->close;
};

subtest 'hello refused' => sub {
    my $hub = FakeHub->new->up(greet_error => 1);
    my $sdk = sdk($hub);
    $sdk->log_event('info', 'x');
    settled($sdk, sub { $sdk->get_stats->{refused} });
    like $sdk->get_stats->{last_error}, qr/\Arefused by the hub: token/, 'told why';
    is $sdk->get_stats->{buffered}, 1, 'kept';
    $hub->up;
    $sdk->close;
    is_deeply bodies($hub), ['x'], 'delivered when the hub agrees';
};

subtest 'a server that does not know hello' => sub {
    my $hub = FakeHub->new->up(answer => 0);
    my $sdk = sdk($hub, welcome_timeout => 0.2, close_timeout => 10);
    $sdk->log_event('info', $_) for 1 .. 5;
    ok $sdk->flush(20), 'sent';
    is $sdk->get_stats->{protocol}, 'plain', 'fell back';
    is $sdk->get_stats->{plain}, 5, 'counted apart';
    $sdk->log_event('info', $_) for 6 .. 9;
    $sdk->close;
    ok wait_until('goodbye', sub { @{ $hub->accepted } == 10 }), 'all arrived';
    is_deeply bodies($hub), [ 1 .. 9 ], 'in order';
    is_deeply [ glob "$dir/*.ldjson" ], [], 'no spool';
};

subtest 'a hub that is slow to welcome' => sub {
    my $hub = FakeHub->new->up(late => 6);
    my $sdk = sdk($hub, welcome_timeout => 0.05);
    $sdk->log_event('info', $_) for 1 .. 5;
    ok settled($sdk, sub { $sdk->get_stats->{plain} == 5 }), 'taken for plain';
    $sdk->log_event('info', 6);
    ok settled($sdk, sub { $sdk->get_stats->{protocol} eq 'acked' }), 'until it answers';
    my $stats = $sdk->get_stats;
    is_deeply [ @$stats{qw(plain buffered acked)} ], [ 0, 6, 0 ], 'then nothing is taken for sent any more';
    $hub->up;
    ok settled($sdk), 'a new connection';
    $sdk->close;
    is_deeply bodies($hub),  [ 1 .. 6 ], 'has it all';
    is_deeply numbers($hub), [ 1 .. 7 ], 'under its numbers, goodbye behind it';
    is_deeply [ glob "$dir/*.ldjson" ], [], 'no spool';
};

subtest 'a short process with such a server' => sub {
    my $hub = FakeHub->new->up(answer => 0);
    my $sdk = sdk($hub, welcome_timeout => 0.2, close_timeout => 10);
    $sdk->log_event('info', 'only');
    $sdk->close;
    ok wait_until('the line', sub { @{ $hub->accepted } == 2 }), 'arrived';
    is_deeply [ glob "$dir/*.ldjson" ], [], 'no spool';
};

subtest 'protocol => plain, protocol => acked' => sub {
    my $hub = FakeHub->new->up(answer => 0);
    my $sdk = sdk($hub, protocol => 'plain');
    $sdk->log_event('info', 'no hello');
    $sdk->close;
    ok wait_until('the line', sub { @{ $hub->accepted } == 2 }), 'plain: sent at once';
    is_deeply $hub->hellos, [], 'without hello';
    $sdk = sdk($hub, protocol => 'acked', welcome_timeout => 0.05);
    $sdk->log_event('info', 'kept');
    settled($sdk, sub { @{ $hub->hellos } > 2 });
    is $sdk->get_stats->{buffered}, 1, 'acked: never falls back';
    $hub->up;
    $sdk->close;
};

subtest 'a hub that was there and hangs is no plain hub' => sub {
    $dir = File::Temp->newdir;    # the one before may have left something, which would be acknowledged here
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub, welcome_timeout => 0.1);
    $sdk->log_event('info', 1);
    ok settled($sdk, sub { $sdk->get_stats->{acked} == 1 }), 'first one confirmed';     # perhaps late: flush is content with a plain hub, too
    $hub->up(answer => 0);
    $sdk->log_event('info', 2);
    settled($sdk, sub { @{ $hub->hellos } >= 4 });
    is $sdk->get_stats->{buffered}, 1, 'kept, and tried again';
    $hub->up;
    settled($sdk);
    $sdk->close;
    is_deeply [ grep { $_ == 2 } @{ bodies($hub) } ]->[0], 2, 'delivered';
};

subtest 'a few messages in a row go out at once' => sub {
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub);
    $sdk->log_event('info', $_) for 1 .. 5;
    ok wait_until('arrival', sub { @{ $hub->accepted } == 5 }), 'without a flush and without another call';
    $sdk->close;
};

subtest 'what goes on is held by the kernel, for a moment' => sub {
    plan skip_all => 'no TCP_CORK here' unless eval { Socket::TCP_CORK() };
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new->up;
    my $sdk = sdk($hub, flush_interval => 1);
    my $is_corked = sub { unpack 'i', getsockopt $sdk->{sender}{session}{connection}{socket}, Socket::IPPROTO_TCP(), Socket::TCP_CORK() };
    $sdk->log_event('info', 1);
    ok settled($sdk, sub { $sdk->get_stats->{acked} == 1 }), 'connected';
    my $count = 1;
    $sdk->log_event('info', ++$count) while $count < 100 && !$is_corked->();
    cmp_ok $count, '>=', 19, 'a few in a row are not held';
    cmp_ok $count, '<', 100, 'who goes on is';
    ok wait_until('arrival', sub { @{ $hub->accepted } == $count }), 'arrives without a flush and without another call';
    $sdk->log_event('info', $_) for $count + 1 .. 500;
    ok $sdk->flush(20), 'flush does not wait for it';
    ok !$is_corked->(), '... and takes it off';
    $sdk->close;
    is_deeply bodies($hub), [ 1 .. 500 ], 'each once, in order';
};

subtest 'what is not held' => sub {
    plan skip_all => 'no TCP_CORK here' unless eval { Socket::TCP_CORK() };
    my ($hub, $sdk) = FakeHub->new;
    my $begin = sub {
        my ($how, %more) = @_;
        $sdk->close(0) if $sdk;
        $dir = File::Temp->newdir;
        $hub->up(@$how);
        $sdk = sdk($hub, flush_interval => 60, %more);
        $sdk->log_event('info', 0);
        return wait_until('a session', sub { $sdk->flush(0.2); return $sdk->get_stats->{protocol} ne 'undecided' });
    };
    my $say = sub { $sdk->log_event('info', $_) for 1 .. $_[0]; return $sdk->{sender}{session}{connection}{corked} };

    $begin->([]);
    is $say->(19), 1, 'somebody goes on';
    is $say->(400), 0, 'goes on so quickly that one full batch follows the other';

    $begin->([ ack => 0 ], buffer => 32);
    is $say->(19), 1, 'so much may wait for an ack';
    $begin->([ ack => 0 ], buffer => 31);
    is $say->(19), 0, 'two thirds of the buffer may not';

    $begin->([ answer => 0 ], protocol => 'plain');
    is $say->(19), 0, 'with a hub that does not acknowledge';

    $begin->([], flush_interval => 1);
    is $say->(25), 1, 'somebody goes on again';
    select undef, undef, undef, 1.05;
    is $say->(1), 0, 'what is said after a silence';

    $begin->([]);
    $sdk->{sender}{session}{connection}{near} = 0;
    is $say->(19), 0, 'with a hub on another machine';
    $sdk->close(0);
};

subtest 'a smaller limit of the hub' => sub {
    my $hub = FakeHub->new->up(max_message => 2_000);
    my $sdk = sdk($hub);
    $sdk->log_event('info', 1);
    $sdk->flush(20);
    $sdk->log_event('info', 'y' x 5_000);
    $sdk->close;
    my ($long) = grep { $_->{line} =~ /yyy/ } @{ $hub->accepted };
    cmp_ok length $long->{line}, '<', 2_000, 'is kept to';
};

done_testing;
