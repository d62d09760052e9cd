# The whole application against a hub, twice, and without one.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use File::Glob ':bsd_glob';
use FindBin;
use lib "$FindBin::Bin/../../../sdk/perl/lib", "$FindBin::Bin/../../../sdk/perl/t/lib";
use FakeHub qw(wait_until);

delete @ENV{ grep { /^(?:MONITORING|ESTATE)_/ } keys %ENV };
my $app = "$FindBin::Bin/..";

# Output lines of run.sh; its standard error is expected noise of the bad item.
sub run_app {
    my ($hub, $work) = @_;
    local $ENV{MONITORING_PORT} = $hub->port;
    my @lines = `'$app/run.sh' '$work' 2>'$work.err'`;
    is $?, 0, 'run.sh ends well' or diag `cat '$work.err'`;
    chomp @lines;
    return @lines;
}

sub line_count { my ($path) = @_; open my $fh, '<', $path or return -1; my @lines = <$fh>; return scalar @lines }

sub results_are_right {
    my ($work, $table, @lines) = @_;
    my $output = join "\n", @lines;
    like $output, qr/^files: 6 accepted, 5 rejected$/m, 'files';
    like $output, qr/^rows: 4002 accepted, 16 rejected$/m, 'rows';
    like $output, qr/^queue: 5 done, 1 failed, 1 retried$/m, 'queue';
    like $output, qr/^table: \Q$table\E$/m, 'table';
    is line_count("$work/db/orders.data"),  3_999, 'rows on disk';
    is line_count("$work/db/orders.index"), 4_000, 'index on disk, with its head';
    is_deeply [ map { m{([^/]+)\z} } sort glob "$work/rejected/*.reason" ],
        [ map {"orders-$_.csv.reason"} qw(lost unannounced wrong-checksum wrong-header wrong-rows) ], 'each rejected file has its reason';
    is_deeply [ glob "$work/incoming/*.csv" ], [], 'nothing is left in incoming';
    is_deeply [ map { m{([^/]+)\z} } glob "$work/queue/failed/*" ], ['orders-contradiction.item'], 'the bad item is put aside';
}

# Spans of one trace, by id: {name, src, parent, start, end, opened, closed}.
sub spans_of {
    my ($trace, @messages) = @_;
    my %span;
    for my $m (grep { $_->{type} eq 'span' && $_->{tid} eq $trace } @messages) {
        my $s = $span{ $m->{sid} } //= { id => $m->{sid} };
        my $d = $m->{data};
        $s->{name}   = $d->{name}  if length $d->{name};
        $s->{start}  = $d->{start} if $d->{start};
        $s->{parent} = $m->{pid}   if defined $m->{pid};
        $s->{src} //= $m->{src};
        if (defined $d->{end}) { $s->{closed}++; @$s{qw(end status)} = @$d{qw(end status)} }
        else                   { $s->{opened}++ }
    }
    return \%span;
}

sub trace_is_whole {
    my ($trace, @messages) = @_;
    my @mine = grep { ($_->{tid} // '') eq $trace } @messages;
    my %src = map { $_->{src} => 1 } @mine;
    is_deeply [ sort keys %src ], [qw(config-service db-loader file-receiver nightly-load queue-service)],
        'three services, the script and the job share one trace';
    my $span = spans_of($trace, @messages);
    is_deeply [ map { "$_->{src} $_->{name}" } grep { !$_->{closed} } values %$span ], [], 'no span is left open';
    is_deeply [ grep { ($_->{closed} // 0) != 1 || ($_->{opened} // 0) != 1 } values %$span ], [], 'each opened and closed once';
    my @roots = grep { !defined $_->{parent} } values %$span;
    is scalar @roots, 1, 'one root';
    is "$roots[0]{src} $roots[0]{name}", 'nightly-load nightly load', 'the job';
    is_deeply [ grep { defined $_->{parent} && !$span->{ $_->{parent} } } values %$span ], [], 'every parent is there';
    is_deeply [ map { "$_->{src} $_->{name}" } grep { $_->{end} < $_->{start} } values %$span ], [], 'none ends before it starts';
    is_deeply [ map { "$_->{src} $_->{name}" } grep { my $p = $_->{parent} && $span->{ $_->{parent} };
        $p && ($_->{start} < $p->{start} || $_->{end} > $p->{end}) } values %$span ], [], 'each lies within its parent';
    my %under = map { ($span->{ $_->{parent} }{src} . ' > ' . $_->{src}) => 1 } grep { defined $_->{parent} } values %$span;
    is_deeply [ grep { !/^(\S+) > \1$/ } sort keys %under ],
        [ 'nightly-load > config-service', 'nightly-load > file-receiver', 'nightly-load > queue-service', 'queue-service > db-loader' ],
        'across the processes';
    is scalar(grep { $_->{src} eq 'db-loader' && $_->{name} eq 'load file' && $_->{status} eq 'error' } values %$span), 2, 'the two failures show';
    my @progress = map { $_->{data} } grep { $_->{type} eq 'progress' } @mine;
    is_deeply [ @{ $progress[0] }{qw(percent status)} ], [ 0, 'started' ], 'progress starts';
    is_deeply [ @{ $progress[-1] }{qw(percent status)} ], [ 100, 'done' ], 'progress ends';
    is_deeply [ grep { $progress[$_]{percent} < $progress[ $_ - 1 ]{percent} } 1 .. $#progress ], [], 'and never goes back';
    my %jobs = map { $_->{job_id} => 1 } @progress;
    is scalar keys %jobs, 1, 'all of one job';
    my ($job) = keys %jobs;
    is scalar(grep { $_->{type} eq 'event' && ($_->{data}{ctx}{job_id} // '') ne $job } @mine), 0, 'every event names the job';
    ok scalar(grep { $_->{type} eq 'metric' && $_->{data}{name} eq 'queue.depth' } @mine), 'queue depth is reported';
    ok scalar(grep { $_->{type} eq 'resource' } @mine), 'resources are reported';
}

my $tmp  = File::Temp->newdir;
my $work = "$tmp/a folder with blanks";
my $hub  = FakeHub->new;
my @first;

subtest 'with a hub' => sub {
    $hub->up;
    @first = run_app($hub, $work);
    results_are_right($work, '3999 rows (3999 inserted, 0 updated, 0 unchanged)', @first);
    my ($trace) = $first[-1] =~ /\Atrace: ([0-9a-f]{32})\z/;
    ok $trace, 'the last line is the trace' or return;
    trace_is_whole($trace, @{ $hub->messages });
    is_deeply [ glob "$tmp/*/spool/*.ldjson" ], [], 'nothing in the spool';
};

subtest 'without a hub, again in the same folder' => sub {
    $hub->down;
    my $before = @{ $hub->messages };
    my @lines = run_app($hub, $work);
    results_are_right($work, '3999 rows (0 inserted, 0 updated, 3999 unchanged)', @lines);
    is scalar @{ $hub->messages }, $before, 'the hub has heard nothing';
    opendir my $dh, "$work/spool" or die $!;
    ok scalar(grep { /\.ldjson\z/ } readdir $dh), 'the messages are in the spool';
    closedir $dh;

    # The next night, with a hub: what was spooled arrives too.
    $hub->up;
    my ($away) = $lines[-1] =~ /\Atrace: (\S+)/;
    my @next = run_app($hub, $work);
    opendir $dh, "$work/spool" or die $!;
    is_deeply [ grep { /\.ldjson\z/ } readdir $dh ], [], 'the spool is empty';
    my @messages = @{ $hub->messages };
    trace_is_whole($away, sort { $a->{ts} <=> $b->{ts} } @messages);
    my ($now) = $next[-1] =~ /\Atrace: (\S+)/;
    trace_is_whole($now, @messages);
};

subtest 'a wrong configuration' => sub {
    open my $fh, '>', "$tmp/bad.ini" or die $!;
    print $fh "[receiver]\ncolumns = a, b\nkey = c\n[loader]\n";
    close $fh;
    local $ENV{ESTATE_CONFIG} = "$tmp/bad.ini";
    local $ENV{MONITORING_PORT} = $hub->port;
    my @lines = `'$app/run.sh' '$tmp/bad' 2>'$tmp/err'`;
    is $? >> 8, 78, 'stops the job';
    my ($trace) = $lines[-1] =~ /\Atrace: (\S+)/;
    open $fh, '<', "$tmp/err" or die $!;
    my $errors = join '', <$fh>;
    like $errors, qr/loader\.table is missing/, 'all problems at once';
    like $errors, qr/'c' is not among the columns/, 'all problems at once';
    my $span = spans_of($trace, @{ $hub->messages });
    is_deeply [ grep { !$_->{closed} } values %$span ], [], 'no span is left open';
    is_deeply [ map { $_->{status} } grep { !defined $_->{parent} } values %$span ], ['error'], 'the job has failed';
};

done_testing;
