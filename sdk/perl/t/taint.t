# perl -T, as services on the web have it: what comes from outside reaches no file and no socket, and all else works.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin;
use IPC::Open2 ();
use lib "$FindBin::Bin/lib";
use FakeHub qw(wait_until);

delete @ENV{ grep { /^MONITORING_/ } keys %ENV };

# The words that the program prints, each after a line of ours.
sub program {
    my ($code, @arguments) = @_;
    my $pid = IPC::Open2::open2(my $out, my $in, $^X, '-T', '-I', "$FindBin::Bin/../lib", '-MMonitoringSDK', '-e',
        'use strict; $| = 1; my ($port, $dir) = map { /\A(.*)\z/s } @ARGV; ' . $code, @arguments);
    $in->autoflush(1);
    return sub { print {$in} "go on\n"; my $word = <$out> // ''; chomp $word; return $word }, sub { close $in; waitpid $pid, 0; return $? };
}

sub bodies { return [ sort { $a <=> $b } map { $_->{data}{msg} } grep { $_->{type} eq 'event' } @{ $_[0]->messages } ] }

subtest 'a hub that comes and goes, and files of an earlier process' => sub {
    my $dir = File::Temp->newdir;
    my $hub = FakeHub->new;
    my $code = q{
        my $sdk = MonitoringSDK->new(source => "svc $0", port => $port, spool_dir => $dir, buffer => 5, backoff_min => 0.01, backoff_max => 0.05);
        my $number = 0;
        sub say_some { my ($before) = @_; $sdk->log_event('info', $before + ++$number) for 1 .. 20 }
    };
    my ($next, $end) = program($code . q{<STDIN>; say_some(0); $sdk->close(0.5); my $s = $sdk->get_stats; print "$s->{left_in_spool} $s->{dropped}\n"},
        $hub->port, "$dir");
    is $next->(), '20 0', 'without a hub all is left in the spool';
    is $end->(), 0, 'exit status';
    $hub->up;
    ($next, $end) = program($code . q{
        <STDIN>; say_some(20); print $sdk->flush(20) ? "flushed\n" : "not flushed\n";
        while (<STDIN>) { $sdk->flush(1); print scalar(() = glob "$dir/*.{ldjson,open,claimed}") ? "files\n" : "empty\n" }
        say_some(20); $sdk->close(0.5); exit($sdk->get_stats->{left_in_spool} != 20)}, $hub->port, "$dir");
    is $next->(), 'flushed', 'with one it is sent';
    wait_until('the files of the first', sub { $next->() eq 'empty' });
    is_deeply bodies($hub), [ 1 .. 40 ], 'also what the first has left';
    $hub->down;
    is $end->(), 0, 'what came later is left in the spool, numbered by acks';
    $hub->up;
    ($next, $end) = program($code . q{<STDIN>; say_some(60); $sdk->close(20); my $s = $sdk->get_stats; print "$s->{left_in_spool} $s->{dropped}\n"}, $hub->port, "$dir");
    is $next->(), '0 0', 'a third sends that';
    $end->();
    is_deeply bodies($hub), [ 1 .. 80 ], 'each once';
    is_deeply [ glob "$dir/*.{ldjson,open,claimed}" ], [], 'the spool is empty';
};

subtest 'what comes from outside' => sub {
    local $ENV{MONITORING_SPOOL_DIR} = '/etc';
    my ($next, $end) = program(q{<STDIN>; print MonitoringSDK->new(source => 'svc', spool => 0)->get_stats->{last_error}, "\n"});
    like $next->(), qr/\AMONITORING_SPOOL_DIR ignored: perl -T/, 'the environment names no folder';
    $end->();
    delete $ENV{MONITORING_SPOOL_DIR};
    ($next, $end) = program(q{<STDIN>; print MonitoringSDK->new(source => 'svc', spool => 0, port => $ARGV[0])->get_stats->{last_error}, "\n"}, 1);
    is $next->(), q{option 'port' ignored: it is tainted, see perlsec}, 'nor do options that the program has not looked at';
    $end->();
};

done_testing;
