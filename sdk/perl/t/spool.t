# Overflow, the hub away, processes that end or are killed: the spool.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use File::Glob ':bsd_glob';
use FindBin;
use POSIX ();
use lib "$FindBin::Bin/lib";
use FakeHub qw(wait_until);
use MonitoringSDK;

delete @ENV{ grep { /^MONITORING_/ } keys %ENV };
my $dir;

sub sdk {
    my ($hub, %more) = @_;
    return MonitoringSDK->new(source => 'svc', port => $hub->port, spool_dir => "$dir", backoff_min => 0.01, backoff_max => 0.05, %more);
}
sub bodies { return [ map { $_->{data}{msg} } grep { $_->{type} eq 'event' } @{ $_[0]->messages } ] }
sub files  { my @files = sort glob "$dir/*.{ldjson,open,claimed}"; return @files }

# Runs $code in a process of its own and returns its exit status.
sub process {
    my ($code) = @_;
    my $pid = fork // die $!;
    if (!$pid) { my $ok = eval { $code->(); 1 }; print STDERR "# $@" unless $ok; POSIX::_exit($ok ? 0 : 1) }
    waitpid $pid, 0;
    return $?;
}

subtest 'overflow while the hub is away, then it comes' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    my $sdk = sdk($hub, buffer => 50);
    $sdk->log_event('info', $_) for 1 .. 50;
    is $sdk->get_stats->{state}, 'disconnected', 'state: disconnected';
    is scalar(files()), 0, 'memory is enough';
    $sdk->log_event('info', $_) for 51 .. 400;
    my $stats = $sdk->get_stats;
    is $stats->{state},    'overflow', 'state: overflow';
    is $stats->{buffered}, 50,         'buffer is full';
    is $stats->{spooled},  350,        'the rest is in the spool';
    is_deeply [files()], ["$dir/svc-$stats->{client}-51.open"], 'one file, not yet finished';
    $hub->up;
    my $n = 400;
    wait_until('delivery', sub { $sdk->log_event('info', ++$n); $sdk->flush(1); return !files() });
    $sdk->log_event('info', ++$n);
    is $sdk->get_stats->{state}, 'connected', 'state: connected';
    $sdk->close;
    is_deeply bodies($hub), [ 1 .. $n ], 'each once and in order';
    is_deeply [files()], [], 'the spool is empty';
};

subtest 'the process ends with the hub away; the next one sends' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    is process(sub { my $sdk = sdk($hub); $sdk->log_event('info', $_) for 1 .. 5; $sdk->close }), 0, 'first process';
    my @files = files();
    is scalar @files, 1, 'one file';
    like $files[0], qr{/svc-[0-9a-f-]{36}-1\.ldjson\z}, 'its name';
    open my $fh, '<', $files[0] or die $!;
    is scalar(grep { JSON::PP::decode_json($_)->{src} eq 'svc' } <$fh>), 5, 'plain protocol lines, no goodbye';
    is process(sub { my $sdk = sdk($hub, buffer => 3); $sdk->log_event('info', $_) for 6 .. 10; $sdk->close }), 0, 'second process, overflowing';
    is scalar(files()), 3, 'three files: memory and overflow of the second';
    $hub->up;
    my $sdk = sdk($hub);
    $sdk->log_event('info', 11);
    $sdk->close(20);
    is_deeply [files()], [], 'the spool is empty';
    is_deeply [ sort { $a <=> $b } @{ bodies($hub) } ], [ 1 .. 11 ], 'each once';
    is $sdk->get_stats->{spool_files_sent}, 3, 'counted';
};

subtest 'END without close, and exit status kept' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    my $program = q{ $s = MonitoringSDK->new(source => 'svc', port => shift, spool_dir => shift); $s->log_event('info', 'x'); exit 7 };
    system $^X, '-I', "$FindBin::Bin/../lib", '-MMonitoringSDK', '-e', $program, $hub->port, "$dir";
    is $? >> 8, 7, 'exit status';
    is scalar(files()), 1, 'spooled';
    system $^X, '-I', "$FindBin::Bin/../lib", '-MMonitoringSDK', '-e', $program =~ s/exit 7/open STDERR, '>', '\/dev\/null'; \$! = 0; die 'oh'/r, $hub->port, "$dir";
    is $? >> 8, 255, 'exit status of die';
    is scalar(files()), 2, 'spooled';
};

subtest 'lines the hub had got before the process ended are not doubled' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new->up(ack => 0);
    my $client;
    is process(sub {
        my $sdk = sdk($hub);
        $sdk->log_event('info', $_) for 1 .. 5;
        wait_until('arrival', sub { $sdk->flush(0.1); @{ $hub->accepted } == 5 });
        $sdk->close(0.2);
    }), 0, 'a process without acks';
    is scalar(files()), 1, 'it kept its lines';
    $hub->up;
    my $sdk = sdk($hub);
    $sdk->log_event('info', 6);
    $sdk->close(20);
    is_deeply [ sort @{ bodies($hub) } ], [ 1 .. 6 ], 'each once';
    is scalar @{ $hub->repeated }, 5, 'the hub knew them by client and number';
    is_deeply [files()], [], 'the spool is empty';
};

subtest 'a killed process' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    process(sub { my $sdk = sdk($hub, buffer => 2); $sdk->log_event('info', $_) for 1 .. 6; kill 'KILL', $$ });
    my ($file) = files();
    like $file, qr/-3\.open\z/, 'an unfinished file';
    open my $fh, '>>', $file or die $!;
    print $fh '{"v":1,"half a li';
    close $fh;
    $hub->up;
    my $sdk = sdk($hub);
    $sdk->log_event('info', 7);
    $sdk->close(20);
    is_deeply [ sort @{ bodies($hub) } ], [ 3 .. 7 ], 'its whole lines are sent (those in memory are gone)';
    is_deeply [files()], [], 'the spool is empty';
};

subtest 'a living process keeps its file' => sub {
    $dir = File::Temp->newdir;
    my $away = FakeHub->new;
    my $mine = sdk($away, buffer => 2);
    $mine->log_event('info', $_) for 1 .. 4;
    my $hub = FakeHub->new->up;
    is process(sub { my $sdk = sdk($hub); $sdk->log_event('info', 'other'); $sdk->close }), 0, 'another process of the source';
    is_deeply bodies($hub), ['other'], 'sends only its own';
    is scalar(files()), 1, 'the file is still there';
    $mine->close;
    like +(files())[0], qr/-1\.ldjson\z/, 'and finished at close, with what was in memory before it';
};

subtest 'a file that a hub or another language has in hand holds up those of its client' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    is process(sub { my $sdk = sdk($hub); $sdk->log_event('info', $_) for 1 .. 3; $sdk->close }), 0, 'a process leaves a file';
    my ($file) = files();
    (my $lower = $file) =~ s/-1\.ldjson\z/-0.claimed-hub/;
    open my $fh, '>', $lower or die $!;
    close $fh;
    $hub->up;
    my $sdk = sdk($hub);
    $sdk->log_event('info', 4);
    $sdk->flush(5, 1);
    is_deeply bodies($hub), [4], 'nothing of that client is sent';
    ok -e $file, 'and its file stays';
    unlink $lower or die $!;
    (my $theirs = $file) =~ s/\.ldjson\z/.claimed-java/;
    rename $file, $theirs or die $!;
    $sdk->close(20);
    ok -e $theirs, 'nor is a file that is theirs';
    rename $theirs, $file or die $!;
    my $next = sdk($hub);
    $next->log_event('info', 5);
    $next->close(20);
    is_deeply [ sort @{ bodies($hub) } ], [ 1 .. 5 ], 'each once, when it is free';
    is_deeply [files()], [], 'the spool is empty';
};

subtest 'several processes, one spool' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    for my $p (1 .. 8) {
        process(sub { my $sdk = sdk($hub); $sdk->log_event('info', "$p.$_") for 1 .. 50; $sdk->close });
    }
    is scalar(files()), 8, 'eight files';
    $hub->up;
    my @pids;
    for my $p (1 .. 4) {
        my $pid = fork // die $!;
        if (!$pid) { my $sdk = sdk($hub); $sdk->log_event('info', "now.$p"); $sdk->close(20); POSIX::_exit(0) }
        push @pids, $pid;
    }
    waitpid $_, 0 for @pids;
    is_deeply [files()], [], 'the spool is empty';
    my %seen;
    $seen{$_}++ for @{ bodies($hub) };
    is scalar(keys %seen), 404, 'all there';
    is_deeply [ grep { $_ > 1 } values %seen ], [], 'each once';
    is scalar @{ $hub->repeated }, 0, 'none sent twice';
};

subtest 'close in the middle of a spool file' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new->up(close_after => 15);
    my $sdk = sdk($hub, buffer => 20);
    $sdk->log_event('info', $_) for 1 .. 200;
    wait_until('some', sub { $sdk->flush(0.1); @{ $hub->accepted } >= 80 });
    $hub->down;
    $sdk->close;
    my $arrived = @{ $hub->accepted };
    my @files = files();
    is scalar @files, 1, 'one file';
    my ($first) = $files[0] =~ /-([0-9]+)\.ldjson\z/;
    cmp_ok $first, '<=', $arrived + 1, 'it starts with the first line that is not confirmed';
    open my $fh, '<', $files[0] or die $!;
    is_deeply [ map { JSON::PP::decode_json($_)->{data}{msg} } <$fh> ], [ $first .. 200 ], 'and has all the others';
    $hub->up;
    my $next = sdk($hub);
    $next->log_event('info', 201);
    $next->close(20);
    is_deeply [ sort { $a <=> $b } @{ bodies($hub) } ], [ 1 .. 201 ], 'each once';
};

subtest 'a full or impossible spool' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    my $sdk = sdk($hub, buffer => 10, spool_bytes => 2_000);
    $sdk->log_event('info', $_) for 1 .. 100;
    my $stats = $sdk->get_stats;
    cmp_ok $stats->{spooled}, '>', 5, 'some spooled';
    is $stats->{dropped} + $stats->{spooled} + 10, 100, 'the rest is counted as dropped';
    is $stats->{last_error}, 'the spool is full', 'with the reason';
    $sdk->close;

    $sdk = sdk($hub, buffer => 10, spool_dir => '/proc/nowhere');
    $sdk->log_event('info', $_) for 1 .. 100;
    is $sdk->get_stats->{dropped}, 90, 'no folder: counted';
    like $sdk->get_stats->{last_error}, qr{cannot write to the spool folder /proc/nowhere}, 'with the reason';
    $sdk->close;
    is $sdk->get_stats->{dropped}, 100, 'and at close the rest';

    $sdk = sdk($hub, buffer => 10, spool => 0);
    $sdk->log_event('info', $_) for 1 .. 15;
    is $sdk->get_stats->{dropped}, 5, 'switched off: counted';
    is $sdk->get_stats->{state}, 'overflow', 'state';
    $hub->up;
    $sdk->close(20);
    is_deeply bodies($hub), [ 1 .. 10 ], 'the order is kept';
};

subtest 'a file that a call left which died of a signal' => sub {
    $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    my $sdk = sdk($hub, buffer => 10);
    my $client = $sdk->get_stats->{client};
    open my $left, '>', "$dir/svc-$client-11.open" or die $!;
    close $left;
    $sdk->log_event('info', $_) for 1 .. 30;
    is $sdk->get_stats->{dropped}, 0, 'is in nobody\'s way';
    $hub->up;
    $sdk->close(20);
    is_deeply bodies($hub), [ 1 .. 30 ], 'all there';
    is scalar(files()), 0, 'and no file stays';
};

subtest 'the folder of all users' => sub {
    local $ENV{TMPDIR} = my $tmp = File::Temp->newdir;
    File::Spec->tmpdir eq "$tmp" or plan skip_all => 'File::Spec remembers another temporary folder';
    my $hub = FakeHub->new;
    my $sdk = MonitoringSDK->new(source => 'a b/c', port => $hub->port);
    $sdk->log_event('info', 'x');
    $sdk->close;
    my ($file) = glob "$tmp/monitoring-spool-$>/a_b_c-*-1.ldjson";
    ok $file, 'a folder for this user';
    is +(stat $file)[2] & 0777, 0600, 'for the user only';
    is +(stat "$tmp/monitoring-spool-$>")[2] & 0777, 0700, 'the folder too';
};

done_testing;
