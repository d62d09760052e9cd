# The hub is killed at random moments while several processes send, some of which
# end in between. At the end: each message once, those of a process in order.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin;
use POSIX ();
use Time::HiRes ();
use lib "$FindBin::Bin/lib";
use FakeHub;
use MonitoringSDK;

delete @ENV{ grep { /^MONITORING_/ } keys %ENV };
my $dir  = File::Temp->newdir;
my $seed = $ENV{CRASH_SEED} // time;
my $seconds = $ENV{CRASH_SECONDS} // 3;
srand $seed;
diag "repeat with CRASH_SEED=$seed (times still differ)";

my $hub = FakeHub->new->up;
my $end = Time::HiRes::time() + $seconds;
my @workers;
for my $worker (1 .. 3) {
    my $pid = fork // die $!;
    if ($pid) { push @workers, $pid; next }
    srand $seed + $worker;
    my $life = 0;
    while (Time::HiRes::time() < $end || $life < 3) {
        # A life: a process of its own that logs, perhaps fast, and ends.
        $life++;
        my $child = fork // die $!;
        if ($child) { waitpid $child, 0; next }
        my $sdk = MonitoringSDK->new(source => "worker", port => $hub->port, spool_dir => "$dir", buffer => 5 + int rand 200,
            backoff_min => 0.01, backoff_max => 0.1, welcome_timeout => 0.5, protocol => 'acked', close_timeout => 0.2);
        my $n = 0;
        my $stop = Time::HiRes::time() + rand 0.6;
        while (Time::HiRes::time() < $stop && $n < 1_500) {
            $sdk->log_event('info', "$worker.$life." . ++$n, { filling => 'x' x rand 300 }) for 1 .. 1 + rand 30;
            select undef, undef, undef, rand 0.01;
        }
        $sdk->close;
        open my $fh, '>>', "$dir/sent" or die $!;
        syswrite $fh, join ' ', "$worker.$life", $n, $sdk->get_stats->{dropped} . "\n";
        POSIX::_exit(0);
    }
    POSIX::_exit(0);
}
my $kills = 0;
while (Time::HiRes::time() < $end || $kills < 4) {    # however long a busy machine takes for it
    select undef, undef, undef, 0.02 + rand 0.25;
    $hub->down;
    $kills++;
    select undef, undef, undef, rand 0.1;
    $hub->up;
}
waitpid $_, 0 for @workers;

# What is still in the spool.
for (1 .. 20) {
    my $last = MonitoringSDK->new(source => 'worker', port => $hub->port, spool_dir => "$dir", protocol => 'acked');
    $last->log_event('info', 'last');
    $last->close(20);
    opendir my $dh, "$dir" or die $!;
    last if !grep { /\.(?:ldjson|open|claimed)\z/ } readdir $dh;
}

my (%got, %last, @doubled, @disordered);
for my $m (@{ $hub->messages }) {
    my ($life, $n) = ($m->{data}{msg} // '') =~ /\A([0-9]+\.[0-9]+)\.([0-9]+)\z/ or next;
    push @doubled, "$life.$n" if $got{$life}{$n}++;
    push @disordered, "$life.$n" if $n < ($last{$life} // 0);
    $last{$life} = $n;
}
my ($sent, @missing) = (0);
open my $fh, '<', "$dir/sent" or die $!;
while (<$fh>) {
    my ($life, $n, $dropped) = split;
    $sent += $n;
    is $dropped, 0, "nothing dropped in $life" if $dropped;
    push @missing, map {"$life.$_"} grep { !$got{$life}{$_} } 1 .. $n;
}
note "$sent messages, $kills kills, " . @{ $hub->hellos } . ' sessions, ' . @{ $hub->repeated } . ' lines repeated';
cmp_ok $sent, '>', 100, 'messages were sent';
cmp_ok $kills, '>', 3, 'the hub was killed';
is_deeply \@missing,    [], 'none is missing';
is_deeply \@doubled,    [], 'none is there twice';
is_deeply \@disordered, [], 'those of one process are in order';
done_testing;
