# Every kind of message, to the byte (identifiers and times replaced).
use strict;
use warnings;
use Test::More;
use File::Temp ();
use POSIX ();
use FindBin;
use lib "$FindBin::Bin/lib";
use FakeHub qw(wait_until);
use MonitoringSDK;

delete @ENV{ grep { /^MONITORING_/ } keys %ENV };
my $dir = File::Temp->newdir;
my $hub = FakeHub->new->up;

my $sdk = MonitoringSDK->new(source => 'queue-service', port => $hub->port, spool_dir => "$dir", trace_id => 'trace-1');
my $seen = 0;

sub lines_are {
    my ($name, @expected) = @_;
    ok $sdk->flush(20), "$name: confirmed";
    my @lines = map { $_->{line} } @{ $hub->accepted };
    @lines = @lines[ $seen .. $#lines ];
    $seen += @lines;
    s/"ts":[0-9]{13}/"ts":T/, s/"start":[0-9]{13}/"start":T/, s/"end":[0-9]{13}/"end":T/ for @lines;
    is_deeply \@lines, \@expected, $name or diag explain \@lines;
}

my $head = '{"v":1,"src":"queue-service","ts":T,';

$sdk->log_event('info', 'Job started', { job_id => '12345', n => 5, list => [ 1, 'a', undef ] });
lines_are 'event', $head . '"type":"event","tid":"trace-1","data":{"level":"info","msg":"Job started","ctx":{"job_id":"12345","list":[1,"a",null],"n":5}}}';

$sdk->log_event('WARNING', 'x');
$sdk->log_event('loud',    'y');
lines_are 'levels', map { $head . qq("type":"event","tid":"trace-1","data":{"level":"$_->[0]","msg":"$_->[1]","ctx":{}}}) }
    [ warn => 'x' ], [ info => 'y' ];

$sdk->log_metric('queue.depth', '17',  'items', { queue => 'in' });
$sdk->log_metric('ratio',       0.125, undef);
lines_are 'metric',
    $head . '"type":"metric","tid":"trace-1","data":{"name":"queue.depth","value":17,"unit":"items","tags":{"queue":"in"}}}',
    $head . '"type":"metric","tid":"trace-1","data":{"name":"ratio","value":0.125,"unit":"","tags":{}}}';

$sdk->log_metric('broken', 9**9**9, 's');
lines_are 'a metric that is no number becomes an event',
    $head . '"type":"event","tid":"trace-1","data":{"level":"warn","msg":"metric without a number","ctx":{"name":"broken","tags":null,"unit":"s","value":"Inf"}}}';

$sdk->log_progress('12345', '45.5', 'running');
$sdk->log_progress(12345,   120,    'done');
lines_are 'progress',
    $head . '"type":"progress","tid":"trace-1","data":{"job_id":"12345","percent":45.5,"status":"running"}}',
    $head . '"type":"progress","tid":"trace-1","data":{"job_id":"12345","percent":100,"status":"done"}}';

$sdk->log_resource(12.5, 256, '1024', 10);
lines_are 'resource', $head . '"type":"resource","tid":"trace-1","data":{"cpu":12.5,"mem":256,"disk":1024,"net":10}}';
$sdk->log_resource(1, 2, 3, 4, { gpu => '0.5', cpu => 9, odd => 'many', 'a"b' => 7 });
lines_are 'resource with more', $head . '"type":"resource","tid":"trace-1","data":{"cpu":1,"mem":2,"disk":3,"net":4,"a\"b":7,"gpu":0.5}}';

SKIP: {
    skip 'no /proc', 6 unless -r '/proc/self/task';
    my $child = fork // die "fork: $!";
    if (!$child) { sleep 60; POSIX::_exit(0) }
    $sdk->log_resource(undef, undef, undef, undef, { gpu => 1 });
    kill 'KILL', $child;
    waitpid $child, 0;
    ok $sdk->flush(20), 'confirmed';
    $seen++;
    my $data = $hub->messages->[-1]{data};
    delete @$data{qw(disk children)};    # not every container has these
    is_deeply [ sort keys %$data ], [qw(cpu fds gpu load1 load15 load5 mem net threads)], 'what is left out is measured';
    is $data->{threads}, 1, 'threads';
    my @fds = glob '/proc/self/fd/*';
    cmp_ok abs($data->{fds} - @fds), '<=', 2, 'descriptors';
    cmp_ok $data->{mem}, '>', 1, 'memory in MB';
    my $children = MonitoringSDK::Host::counts()->{children};
    is $children // 1, 1, 'children: the fake hub';
}

$sdk->heartbeat;
lines_are 'heartbeat', $head . '"type":"heartbeat","tid":"trace-1","data":{}}';

my $outer = $sdk->start_span('outer');
my $inner = $sdk->start_span('inner');
$sdk->log_event('info', 'inside');
$sdk->end_span($inner, 'error', { code => 7 });
$sdk->end_span($outer);
like $outer, qr/\A[0-9a-f]{16}\z/, 'a span id';
isnt $outer, $inner, 'ids differ';
my $span = $head . '"type":"span","tid":"trace-1",';
lines_are 'nested spans',
    $span . qq("sid":"$outer","data":{"name":"outer","start":T,"end":null,"status":"open","tags":{}}}),
    $span . qq("sid":"$inner","pid":"$outer","data":{"name":"inner","start":T,"end":null,"status":"open","tags":{}}}),
    $head . qq("type":"event","tid":"trace-1","sid":"$inner","data":{"level":"info","msg":"inside","ctx":{}}}),
    $span . qq("sid":"$inner","pid":"$outer","data":{"name":"inner","start":T,"end":T,"status":"error","tags":{"code":7}}}),
    $span . qq("sid":"$outer","data":{"name":"outer","start":T,"end":T,"status":"ok","tags":{}}});

$sdk->end_span('feedfeedfeedfeed', 'ok');
lines_are 'the end of a span of another process',
    $span . '"sid":"feedfeedfeedfeed","data":{"name":"","start":0,"end":T,"status":"ok","tags":{}}}';

my $other = $sdk->start_span('elsewhere', 'trace-2');
is $sdk->trace_id, 'trace-2', 'the trace of the innermost span';
$sdk->end_span($other);
lines_are 'a span of another trace has no parent in this one', map {
    $head . qq("type":"span","tid":"trace-2","sid":"$other","data":{"name":"elsewhere","start":T,$_,"tags":{}}})
} '"end":null,"status":"open"', '"end":T,"status":"ok"';

$sdk->set_trace_id(undef);
$sdk->set_context(host => 'a');
$sdk->set_context(site => 'b');
$sdk->log_event('debug', 'ctx', { site => 'mine' });
$sdk->set_context(host => undef);
$sdk->log_event('debug', 'ctx');
lines_are 'context', map { $head . qq("type":"event","data":{"level":"debug","msg":"ctx","ctx":$_}}) }
    '{"host":"a","site":"mine"}', '{"site":"b"}';
$sdk->set_context(site => undef);

subtest job => sub {
    $sdk->set_trace_id('trace-3');
    my $job = $sdk->start_job_analysis('J1', 'nightly', { subjobs => 2 });
    my $one = $sdk->track_subjob('J1', 'one');
    $sdk->end_subjob('J1', 'one', 'ok', { rows => 3 });
    my $two = $sdk->track_subjob('J1', 'two', 'the second');
    $sdk->end_subjob('J1', 'two', 'failed');
    $sdk->track_subjob('J1', 'three');
    $sdk->end_job_analysis('J1', 'ok', { rows => 3 });
    ok $sdk->flush(20), 'confirmed';
    my @messages = @{ $hub->messages };
    @messages = @messages[ $seen .. $#messages ];
    $seen += @messages;
    my @spans = grep { $_->{type} eq 'span' } @messages;
    is_deeply [ map { $_->{data}{name} } grep { !defined $_->{data}{end} } @spans ], [ 'nightly', 'one', 'the second', 'three' ], 'opened';
    is_deeply [ map {"$_->{data}{name} $_->{data}{status}"} grep { defined $_->{data}{end} } @spans ],
        [ 'one ok', 'the second failed', 'three abandoned', 'nightly ok' ], 'closed';
    is_deeply [ map { $_->{pid} // '-' } grep { !defined $_->{data}{end} } @spans ], [ '-', $job, $job, $job ], 'parents';
    is_deeply [ map {"$_->{data}{percent} $_->{data}{status}"} grep { $_->{type} eq 'progress' } @messages ],
        [ '0 started', '50 running', '99 two: failed', '100 done' ], 'progress';
    is scalar(grep { ($_->{data}{ctx}{job_id} // $_->{data}{tags}{job_id} // $_->{data}{job_id} // '') eq 'J1' } @messages),
        scalar(@messages) , 'all joined by the job id' or diag explain \@messages;
    is scalar(grep { $_->{tid} ne 'trace-3' } @messages), 0, 'and by the trace';
};

subtest 'parent from the environment' => sub {
    local @ENV{qw(MONITORING_TRACE_ID MONITORING_PARENT_SPAN MONITORING_PORT MONITORING_SPOOL_DIR)} = ('trace-9', 'abcd', $hub->port, "$dir");
    my $child = MonitoringSDK->new(source => 'child');
    my $id = $child->start_span('work');
    is_deeply $child->child_env, { MONITORING_TRACE_ID => 'trace-9', MONITORING_PARENT_SPAN => $id }, 'and for its own children';
    $child->end_span($id);
    $child->log_event('info', 'after');
    ok $child->flush(20), 'confirmed';
    my @m = grep { $_->{src} eq 'child' } @{ $hub->messages };
    is_deeply [ map { $_->{pid} } @m ], [ 'abcd', 'abcd', undef ], 'pid';
    is_deeply [ map { $_->{sid} } @m ], [ $id, $id, 'abcd' ], 'sid';
    $seen += @m;
    $child->close;
    $seen++;
};

{
    my $often = MonitoringSDK->new(source => 'often', port => $hub->port, spool => 0, resource_interval => 0.01);
    ok wait_until('resource use', sub {
        $often->log_event('info', 'again');
        $often->flush(1);
        return grep { $_->{src} eq 'often' && $_->{type} eq 'resource' } @{ $hub->messages };
    }), 'resource use by itself';
    $often->close;
}

$sdk->close;
($seen) = grep { $_->{line} =~ /queue-service/ } reverse @{ $hub->accepted };
is $seen->{line} =~ s/"ts":[0-9]{13}/"ts":T/r, $head . '"type":"goodbye","data":{}}', 'goodbye';
is_deeply [ map { $_->{number} } grep { $_->{line} =~ /queue-service/ } @{ $hub->accepted } ],
    [ 1 .. grep { $_->{line} =~ /queue-service/ } @{ $hub->accepted } ], 'numbered without a gap';
is_deeply [ glob "$dir/*.{ldjson,open,claimed}" ], [], 'nothing in the spool';

done_testing;
