# Overflow, the hub away, processes that end or are killed: the spool.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use File::Glob ':bsd_glob';
use FindBin;
use JSON::PP ();
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../../perl/t/lib", "$FindBin::Bin/../../perl/lib";
use FakeHub qw(wait_until);
use MonitoringSDK;
use Player;

delete @ENV{ grep { /^MONITORING_/ } keys %ENV };
my $dir;

sub sdk {
    my ($hub, %more) = @_;
    return Player->new(source => 'svc', port => $hub->port, spool_dir => $dir, backoff_min_ms => 5, backoff_max_ms => 50, %more);
}
sub bodies { return [ map { $_->{data}{msg} } grep { $_->{type} eq 'event' } @{ $_[0]->messages } ] }
sub files { my @files = sort glob "$dir/*.{ldjson,open,open-*,claimed,claimed-*}"; return @files }
sub sorted { return [ sort { $a <=> $b } @{ bodies($_[0]) } ] }

subtest 'overflow while the hub is away, then it comes' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    my $sdk = sdk($hub, buffer => 50);
    $sdk->say('burst', 1, 400);
    ok wait_until('overflow', sub { my $now = $sdk->stats; $now->{spooled} == 350 && $now->{state} eq 'overflow' }), 'what memory can\'t hold is in the spool';
    my $stats = $sdk->stats;
    is "$stats->{state} $stats->{buffered}", 'overflow 50', 'state';
    is_deeply [files()], ["$dir/svc-$stats->{client}-51.open-c"], 'one file, not yet sealed';
    $hub->up;
    ok wait_until('delivery', sub { !files() }), 'sent and deleted';
    $sdk->say('burst', 401, 410);
    $sdk->say('close', 60_000);
    is_deeply bodies($hub), [ 1 .. 410 ], 'each once and in order';
    is_deeply [files()], [], 'the spool is empty';
};

subtest 'the process ends with the hub away; the next one sends' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    my $first = sdk($hub);
    $first->say('burst', 1, 5);
    is $first->done, 0, 'first process, closed by destroy';
    my @files = files();
    like $files[0], qr{/svc-[0-9a-f-]{36}-1\.ldjson\z}, 'its file';
    open my $fh, '<', $files[0] or die $!;
    is scalar(grep { JSON::PP::decode_json($_)->{type} eq 'event' } <$fh>), 5, 'plain protocol lines, no goodbye';
    my $second = sdk($hub, buffer => 3);
    $second->say('burst', 6, 10);
    $second->send('exit', 7);
    is $second->done >> 8, 7, 'second process, overflowing, by exit()';
    is scalar(files()), 3, 'three files: memory and overflow of the second';
    $hub->up;
    my $sdk = sdk($hub);
    $sdk->say('event', 'info', 11);
    $sdk->say('close', 60_000);
    is_deeply [files()], [], 'the spool is empty';
    is_deeply sorted($hub), [ 1 .. 11 ], 'each once';
    is $sdk->stats->{spool_files_sent}, 3, 'counted';
};

subtest 'a disk that stalls for seconds is waited for' => sub {
    $dir = File::Temp->newdir;
    my $sdk = sdk(FakeHub->new);
    $sdk->say('stall', 2_500);
    $sdk->say('burst', 1, 5);
    $sdk->say('close', 0);
    my $stats = $sdk->stats;
    is "$stats->{left_in_spool} $stats->{dropped}", '5 0', 'all is in the spool when close returns' or diag explain $stats;
    like +(files())[0], qr/-1\.ldjson\z/, 'under the name that others look for';
};

subtest 'lines the hub had got before the process ended are not doubled' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new->up(ack => 0);
    my $sdk = sdk($hub);
    $sdk->say('burst', 1, 5);
    ok wait_until('arrival', sub { @{ bodies($hub) } == 5 }), 'they arrive';
    $sdk->say('close', 100);
    is scalar(files()), 1, 'without an ack they are kept';
    $hub->up;
    my $next = sdk($hub);
    $next->say('event', 'info', 6);
    $next->say('close', 60_000);
    is_deeply sorted($hub), [ 1 .. 6 ], 'each once';
    cmp_ok scalar @{ $hub->repeated }, '>=', 5, 'the hub knew them by client and number';
    is_deeply [files()], [], 'the spool is empty';
};

subtest 'a killed process' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    my $sdk = sdk($hub, buffer => 2);
    $sdk->say('burst', 1, 6);
    ok wait_until('spooled', sub { $sdk->stats->{spooled} == 4 }), 'four are on disk';
    $sdk->send('kill');
    $sdk->done;
    my ($file) = files();
    like $file, qr/-3\.open-c\z/, 'an unfinished file';
    open my $fh, '>>', $file or die $!;
    print $fh '{"v":1,"half a li';
    close $fh;
    $hub->up;
    my $next = sdk($hub);
    $next->say('event', 'info', 7);
    $next->say('close', 60_000);
    is_deeply sorted($hub), [ 3 .. 7 ], 'its whole lines are sent';
    is_deeply [files()], [], 'the spool is empty';
};

subtest 'a file of which half a line is longer than all that is read at once' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    my $sdk = sdk($hub);
    $sdk->say('burst', 1, 3);
    $sdk->done;
    my ($file) = files();
    open my $fh, '>>', $file or die $!;
    print $fh 'x' x 400_000;
    close $fh;
    $hub->up;
    my $next = sdk($hub);
    $next->say('event', 'info', 4);
    $next->say('close', 60_000);
    is_deeply sorted($hub), [ 1 .. 4 ], 'its whole lines are sent';
    is_deeply [files()], [], 'the spool is empty';
};

subtest 'a file that cannot be read when it is to be sealed stays as it is' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new->up(close_after => 15);
    my $sdk = sdk($hub, buffer => 20);
    $hub->freeze;
    $sdk->say('burst', 1, 2_000);
    wait_until('overflow', sub { $sdk->stats->{buffered} == 20 });
    $hub->thaw;
    wait_until('some', sub { @{ bodies($hub) } >= 80 });
    $hub->down;
    ok wait_until('the end of the connection', sub { $sdk->stats->{state} eq 'overflow' && $sdk->stats->{last_error} =~ /connect/ }), 'the hub has gone';
    $sdk->say('break_read', 2);
    $sdk->say('close', 0);
    my $stats = $sdk->stats;
    is $stats->{dropped}, 0, 'nothing dropped';
    is $stats->{acked} + $stats->{left_in_spool}, 2_000, 'what is left is counted';
    $hub->up;
    my $next = sdk($hub);
    $next->say('event', 'info', 2_001);
    $next->say('close', 60_000);
    is_deeply sorted($hub), [ 1 .. 2_001 ], 'each once';
    is_deeply [files()], [], 'the spool is empty';
};

subtest 'a living process keeps its file' => sub {
    $dir = File::Temp->newdir;
    my $away = FakeHub->new;
    my $mine = sdk($away, buffer => 2);
    $mine->say('burst', 1, 4);
    wait_until('spooled', sub { $mine->stats->{spooled} == 2 });
    my $hub = FakeHub->new->up;
    my $other = sdk($hub);
    $other->say('event', 'info', 9);
    $other->say('close', 60_000);
    is_deeply bodies($hub), [9], 'another process sends only its own';
    is scalar(files()), 1, 'the file is still there';
};

subtest 'a file in other hands holds up those of its client' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    my $leaver = sdk($hub);
    $leaver->say('burst', 1, 3);
    $leaver->done;
    my ($file) = files();
    (my $lower = $file) =~ s/-1\.ldjson\z/-0.claimed-hub/;
    open my $fh, '>', $lower or die $!;
    close $fh;
    $hub->up;
    my $sdk = sdk($hub);
    $sdk->say('event', 'info', 4);
    $sdk->say('close', 60_000);
    is_deeply bodies($hub), [4], 'nothing of that client is sent';
    unlink $lower or die $!;
    for my $ending (qw(claimed-java claimed)) {
        (my $theirs = $file) =~ s/\.ldjson\z/.$ending/;
        rename $file, $theirs or die $!;
        my $next = sdk($hub);
        $next->say('event', 'info', 5);
        $next->say('close', 60_000);
        ok -e $theirs, "nor is a file that is $ending";
        rename $theirs, $file or die $!;
    }
    my $last = sdk($hub);
    $last->say('event', 'info', 6);
    $last->say('close', 60_000);
    is_deeply sorted($hub), [ 1 .. 5, 5, 6 ], 'until it is free';
};

subtest 'C and Perl take over from each other' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    my $c = sdk($hub);
    $c->say('burst', 1, 3);
    $c->done;
    my $perl = MonitoringSDK->new(source => 'svc', port => $hub->port, spool_dir => "$dir");
    $perl->log_event('info', 4);
    $hub->up;
    $perl->close(20);
    is_deeply sorted($hub), [ 1 .. 4 ], 'Perl sends what C has left';
    $hub->down;
    $perl = MonitoringSDK->new(source => 'svc', port => $hub->port, spool_dir => "$dir");
    $perl->log_event('info', 5);
    $perl->close(0);
    $hub->up;
    $c = sdk($hub);
    $c->say('event', 'info', 6);
    $c->say('close', 60_000);
    is_deeply sorted($hub), [ 1 .. 6 ], 'and the other way round';
    is_deeply [files()], [], 'the spool is empty';
};

subtest 'several processes, one spool' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    for my $p (1 .. 8) { my $sdk = sdk($hub); $sdk->say('burst', $p * 100 + 1, $p * 100 + 50); $sdk->done }
    is scalar(files()), 8, 'eight files';
    $hub->up;
    my @sdks = map { sdk($hub) } 1 .. 4;
    $sdks[ $_ - 1 ]->say('event', 'info', $_) for 1 .. 4;
    ok wait_until('an empty spool', sub { !files() }), 'the spool is emptied';
    $_->done for @sdks;
    is_deeply sorted($hub), [ 1 .. 4, map { $_ * 100 + 1 .. $_ * 100 + 50 } 1 .. 8 ], 'each once';
    is scalar @{ $hub->repeated }, 0, 'none sent twice';
};

subtest 'close in the middle of a spool file' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new->up(close_after => 15);
    my $sdk = sdk($hub, buffer => 20);
    $hub->freeze;
    $sdk->say('burst', 1, 2_000);
    wait_until('overflow', sub { $sdk->stats->{spooled} > 1_000 });
    $hub->thaw;
    wait_until('some', sub { @{ bodies($hub) } >= 80 });
    $hub->down;
    $sdk->say('close', 100);
    is $sdk->stats->{dropped}, 0, 'nothing dropped';
    cmp_ok scalar(files()), '>=', 1, 'the rest is in the spool';
    $hub->up;
    my $next = sdk($hub);
    $next->say('event', 'info', 2_001);
    $next->say('close', 60_000);
    is_deeply sorted($hub), [ 1 .. 2_001 ], 'each once';
    is_deeply [files()], [], 'the spool is empty';
};

subtest 'a full or impossible spool' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    my $sdk = sdk($hub, buffer => 10, spool_bytes => 2_000);
    $sdk->say('burst', 1, 100);
    wait_until('full', sub { $sdk->stats->{last_error} =~ /the spool is full/ });
    my $stats = $sdk->stats;
    cmp_ok $stats->{spooled}, '>', 5, 'some spooled';
    $sdk->say('close', 100);
    my $end = $sdk->stats;
    is $end->{dropped} + $end->{left_in_spool}, 100, 'and the rest counted as dropped';
    $sdk = sdk($hub, buffer => 10, spool_dir => '/proc/nowhere');
    $sdk->say('burst', 1, 100);
    $sdk->say('close', 100);
    is $sdk->stats->{dropped}, 100, 'no folder: counted';
    like $sdk->stats->{last_error}, qr{spool folder /proc/nowhere}, 'with the reason';
    $sdk = sdk($hub, buffer => 10, no_spool => 1);
    $sdk->say('burst', 1, 15);
    is $sdk->stats->{dropped}, 5, 'switched off: counted';
    ok wait_until('overflow', sub { $sdk->stats->{state} eq 'overflow' }), 'state';
    $hub->up;
    $sdk->say('close', 60_000);
    is_deeply bodies($hub), [ 1 .. 10 ], 'the order is kept';
};

subtest 'the folder of one user' => sub {
    local $ENV{TMPDIR} = my $tmp = File::Temp->newdir;
    my $hub = FakeHub->new;
    my $sdk = Player->new(source => 'a b/c', port => $hub->port);
    $sdk->say('event', 'info', 'x');
    $sdk->done;
    my ($file) = glob "$tmp/monitoring-spool-$>/a_b_c-*-1.ldjson";
    for (["Z\xc3\xa4hler \xe2\x82\xac \xf0\x9f\x98\x80", 'Z_hler____'], [ 'long' x 60, 'long' x 40 ]) {
        my ($source, $name) = @$_;
        my $other = Player->new(source => $source, port => $hub->port);
        $other->say('event', 'info', 'x');
        $other->done;
        is scalar(() = bsd_glob("$tmp/monitoring-spool-$>/$name-????????-????-????-????-????????????-1.ldjson")), 1, "named after it: $name";
    }
    ok $file, 'its place' or return;
    is +(stat $file)[2] & 0777, 0600, 'for the user only';
    is +(stat "$tmp/monitoring-spool-$>")[2] & 0777, 0700, 'the folder too';
  SKIP: {
        skip 'only root can give a folder to somebody else', 1 if $> != 0;
        chown 65_534, -1, "$tmp/monitoring-spool-0" or die $!;
        $hub->up;
        my $next = Player->new(source => 'a b/c', port => $hub->port);
        $next->say('event', 'info', 'y');
        $next->say('close', 60_000);
        ok -e $file, 'nothing is taken out of a folder that somebody else has made first';
    }
};
done_testing;
