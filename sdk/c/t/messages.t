# Every kind of message to the byte, the vectors, values of every kind, and the hub's answers.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin;
use JSON::PP ();
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../../perl/t/lib";
use FakeHub;
use Player;

delete @ENV{ grep { /^MONITORING_/ } keys %ENV };
my $dir = File::Temp->newdir;
my $vectors = "$FindBin::Bin/../../../protocol/vectors";
my $hub = FakeHub->new->up;
my $sdk = Player->new(source => 'queue-service', port => $hub->port, spool_dir => $dir, trace_id => 'trace-1');
my $seen = 0;

sub lines {
    is $sdk->say('flush', 60_000), 1, 'confirmed';
    my @lines = map { $_->{line} } @{ $hub->accepted };
    @lines = @lines[ $seen .. $#lines ];
    $seen += @lines;
    return @lines;
}

sub lines_are {
    my ($name, @expected) = @_;
    my @lines = lines();
    s/"ts":[0-9]{13}/"ts":T/, s/"start":[0-9]{13}/"start":T/, s/"end":[0-9]{13}/"end":T/ for @lines;
    is_deeply \@lines, \@expected, $name or diag explain \@lines;
}

my $head = '{"v":1,"src":"queue-service","ts":T,';
my $mine = $head . '"type":"%s","tid":"trace-1","data":%s}';

$sdk->say('event', 'info', 'Job started', 's:job_id=12345', 'i:n=-5', 'd:f=0.1', 'b:yes=1', 'b:no=0', 'z:none=');
lines_are 'event', sprintf $mine, 'event', '{"level":"info","msg":"Job started","ctx":{"job_id":"12345","n":-5,"f":0.1,"yes":true,"no":false,"none":null}}';
$sdk->say('event', $_, undef) for 'WARNING', 'loud', undef, 'debug', 'fatal';
lines_are 'levels', map { sprintf $mine, 'event', qq({"level":"$_","msg":"","ctx":{}}) } qw(warn info info debug fatal);
$sdk->say('metric', 'queue.depth', 17, 'items', 's:queue=in');
$sdk->say('metric', 'ratio', 1.5e300, undef);
lines_are 'metric', sprintf($mine, 'metric', '{"name":"queue.depth","value":17,"unit":"items","tags":{"queue":"in"}}'),
    sprintf $mine, 'metric', '{"name":"ratio","value":1.5e+300,"unit":"","tags":{}}';
$sdk->say('metric', 'broken', 'inf', 's');
$sdk->say('metric', '', 1, 's');
lines_are 'a metric that is no number, or has no name, becomes an event',
    sprintf($mine, 'event', '{"level":"warn","msg":"metric without a number","ctx":{"name":"broken","value":"Infinity","unit":"s"}}'),
    sprintf $mine, 'event', '{"level":"warn","msg":"metric without a number","ctx":{"name":"","value":1,"unit":"s"}}';
$sdk->say('progress', '12345', 45.5, 'running');
$sdk->say('progress', undef, 120, undef);
$sdk->say('progress', 'j', undef, 'x');
lines_are 'progress', map { sprintf $mine, 'progress', $_ } '{"job_id":"12345","percent":45.5,"status":"running"}',
    '{"job_id":"unknown","percent":100,"status":"running"}', '{"job_id":"j","percent":0,"status":"x"}';
$sdk->say('resource', 12.5, 256, 1024, 'inf');
lines_are 'resource', sprintf $mine, 'resource', '{"cpu":12.5,"mem":256,"disk":1024}';
$sdk->say('resource', undef, undef, undef, undef);
my ($collected) = map { JSON::PP::decode_json($_)->{data} } lines();
my $children = delete $collected->{children};    # a kernel may not tell
is_deeply [ sort keys %$collected ], [qw(cpu disk fds load1 load15 load5 mem net threads)], 'collected';
is $children // 0, 0, 'children';
cmp_ok $collected->{threads}, '>=', 2, 'threads: the program and the sender';
cmp_ok $collected->{fds}, '>=', 4, 'descriptors: standard ones and the socket';
$sdk->say('resource', undef, undef, undef, 1);
($collected) = map { JSON::PP::decode_json($_)->{data} } lines();
is_deeply [ sort keys %$collected ], [qw(cpu disk mem net)], 'only what is left out of some';
cmp_ok $collected->{mem}, '>', 0.1, 'memory in MB';
$sdk->say('heartbeat');
lines_are 'heartbeat', sprintf $mine, 'heartbeat', '{}';

my $outer = $sdk->say('start_span', 'outer', undef);
my $inner = $sdk->say('start_span', 'inner', undef);
$sdk->say('event', 'info', 'inside');
is $sdk->say('current'), "trace-1\t$inner", 'what a child process would be told';
$sdk->say('end_span', undef, 'error', 'i:code=7');
$sdk->say('end_span', $outer, undef);
like $outer, qr/\A[0-9a-f]{16}\z/, 'a span id';
my $span = $head . '"type":"span","tid":"trace-1",';
lines_are 'nested spans',
    $span . qq("sid":"$outer","data":{"name":"outer","start":T,"end":null,"status":"open","tags":{}}}),
    $span . qq("sid":"$inner","pid":"$outer","data":{"name":"inner","start":T,"end":null,"status":"open","tags":{}}}),
    $head . qq("type":"event","tid":"trace-1","sid":"$inner","data":{"level":"info","msg":"inside","ctx":{}}}),
    $span . qq("sid":"$inner","pid":"$outer","data":{"name":"inner","start":T,"end":T,"status":"error","tags":{"code":7}}}),
    $span . qq("sid":"$outer","data":{"name":"outer","start":T,"end":T,"status":"ok","tags":{}}});
$sdk->say('end_span', 'feedfeedfeedfeed', 'ok');
lines_are 'the end of a span of another process', $span . '"sid":"feedfeedfeedfeed","data":{"name":"","start":0,"end":T,"status":"ok","tags":{}}}';
my $other = $sdk->say('start_span', 'elsewhere', 'trace-2');
$sdk->say('end_span', $other, undef);
lines_are 'a span of another trace has no parent in this one', map {
    $head . qq("type":"span","tid":"trace-2","sid":"$other","data":{"name":"elsewhere","start":T,$_,"tags":{}}})
} '"end":null,"status":"open"', '"end":T,"status":"ok"';

$sdk->say('trace', undef);
$sdk->say('context', 's:host=a');
$sdk->say('context', 's:site=b');
$sdk->say('event', 'debug', 'ctx', 's:site=mine');
$sdk->say('context', 'z:host=');
$sdk->say('event', 'debug', 'ctx');
lines_are 'context', map { $head . qq("type":"event","data":{"level":"debug","msg":"ctx","ctx":$_}}) } '{"host":"a","site":"mine"}', '{"site":"b"}';
$sdk->say('context', 'z:site=');

subtest 'job' => sub {
    $sdk->say('trace', 'trace-3');
    $sdk->say('job', 'J1', 'nightly', 2);
    $sdk->say('part', 'J1', 'one', undef);
    $sdk->say('end_part', 'J1', 'one', 'ok', 'i:rows=3');
    $sdk->say('part', 'J1', 'two', 'the second');
    $sdk->say('end_part', 'J1', 'two', 'failed');
    $sdk->say('part', 'J1', 'three', undef);
    $sdk->say('end_job', 'J1', 'ok', 'i:rows=3');
    my @messages = map { JSON::PP::decode_json($_) } lines();
    my @spans = grep { $_->{type} eq 'span' } @messages;
    my $job = $spans[0]{sid};
    is_deeply [ map { $_->{data}{name} } grep { !defined $_->{data}{end} } @spans ], [ 'nightly', 'one', 'the second', 'three' ], 'opened';
    is_deeply [ map {"$_->{data}{name} $_->{data}{status}"} grep { defined $_->{data}{end} } @spans ],
        [ 'one ok', 'the second failed', 'three abandoned', 'nightly ok' ], 'closed';
    is_deeply [ map { $_->{pid} // '-' } grep { !defined $_->{data}{end} } @spans ], [ '-', $job, $job, $job ], 'parents';
    is_deeply [ map {"$_->{data}{percent} $_->{data}{status}"} grep { $_->{type} eq 'progress' } @messages ],
        [ '0 started', '50 running', '99 two: failed', '100 done' ], 'progress';
    is scalar(grep { ($_->{data}{ctx}{job_id} // $_->{data}{tags}{job_id} // $_->{data}{job_id} // '') eq 'J1' } @messages), scalar @messages, 'joined';
    is scalar(grep { $_->{tid} ne 'trace-3' } @messages), 0, 'in one trace';
    $sdk->say('trace', undef);
};

# As protocol/vectors asks: the same message, whatever the order and white space; absent, null and empty optional fields are the same.
sub normal {
    my ($text) = @_;
    my $m = JSON::PP->new->decode($text);
    my $d = $m->{data} = ref $m->{data} eq 'HASH' ? $m->{data} : {};
    for (qw(ctx tags)) { delete $d->{$_} if !ref $d->{$_} || ref $d->{$_} eq 'ARRAY' || !%{ $d->{$_} } }
    for (qw(unit status end)) { delete $d->{$_} if !defined $d->{$_} || $d->{$_} eq '' }
    delete $m->{ts};
    if ($m->{type} eq 'span') { delete @$d{qw(start end)}; delete $d->{status} if ($d->{status} // '') eq 'open'; delete $m->{sid} }
    return JSON::PP->new->canonical->encode($m);
}

sub vector { my ($case, $index) = @_; open my $in, '<:raw', "$vectors/valid/types/$case.ldjson" or die "$case: $!"; my @lines = <$in>; return $lines[$index] }

subtest 'vectors' => sub {
    my @cases = (
        [ 'event', 0, [ 'event', 'info', 'Job started', 's:job_id=12345' ] ],
        (map { [ 'event-levels', $_, [ 'event', (qw(debug info warn error fatal))[$_], '' ] ] } 0 .. 4),
        [ 'event-context', 1, [ 'event', 'warn', 'm' ] ],
        [ 'metric', 0, [ 'metric', 'queue.wait', 12.5, 'ms', 's:queue=nightly' ] ],
        [ 'metric', 1, [ 'metric', 'n', 0, undef ] ],
        [ 'metric', 2, [ 'metric', 'n', -3, undef ] ],
        [ 'metric', 3, [ 'metric', 'n', 1000, undef ] ],
        [ 'progress', 0, [ 'progress', '12345', 0, 'running' ] ],
        [ 'resource', 2, [ 'resource', 'inf', 'inf', 'inf', 'inf' ] ],
        [ 'heartbeat', 0, ['heartbeat'] ],
        [ 'span', 0, [ 'start_span', 'load', 'trace-123' ] ],
    );
    for my $case (@cases) {
        my ($name, $index, $call) = @$case;
        my $expected = JSON::PP->new->decode(vector($name, $index));
        $sdk->say('trace', $expected->{tid});
        $sdk->say(@$call);
        my ($line) = lines();
        my $got = JSON::PP->new->decode($line);
        delete $got->{pid};
        $got->{sid} = $expected->{sid} if $name eq 'event';    # that of an open span
        is normal(JSON::PP->new->encode($got)), normal(JSON::PP->new->encode($expected)), "$name $index";
        if ($name eq 'span') { $sdk->say('end_span', undef, undef); lines() }
    }
    $sdk->say('trace', undef);
};

subtest 'answers of the hub' => sub {
    for my $file (glob "$vectors/replies/*.ldjson") {
        (my $expected = $file) =~ s/ldjson\z/json/;
        open my $in, '<:raw', $expected or die $!;
        my $replies = JSON::PP::decode_json(join '', <$in>)->{replies};
        open $in, '<:raw', $file or die $!;
        for my $line (grep { /\n\z/ } <$in>) {
            chomp $line;
            my ($type, $seq, $acked, $max, $code, $reason) = split /\t/, $sdk->say('answer', $line), -1;
            my $want = shift @$replies or last;
            my ($kind) = keys %$want;
            if    ($kind eq 'ack')     { is "$type $seq", "ack $want->{ack}{seq}", "$file: ack" }
            elsif ($kind eq 'welcome') { is "$type $acked $max", "welcome $want->{welcome}{acked} $want->{welcome}{max_message}", "$file: welcome" }
            elsif ($kind eq 'error')   { is "$type $seq $code", "error $want->{error}{seq} $want->{error}{code}", "$file: error" }
            else                       { unlike $type, qr/\A(?:ack|welcome|error)\z/, "$file: ignored" }
        }
    }
    for my $bad ('', '{', '{"type"', '{"type":"ack', '[]', '{"type":"ack","data":', '{"type":"ack"}}', '{{{{', '"', '{"a":[[[[', "{\"type\":\"\\", '{"type":"ack","data":{"seq":99999999999999999999}}') {
        ok defined $sdk->say('answer', $bad), "survives $bad";
    }
};

subtest 'text of every kind' => sub {
    my %cases = ('"quoted\\"' => '"quoted\\"', "a\nb\tc\x01\x7f" => "a\nb\tc\x01\x7f", "\xff\xfe" => "\xef\xbf\xbd\xef\xbf\xbd", "\xc3\xa9" => "\xc3\xa9",
        "\xed\xa0\x80" => "\xef\xbf\xbd" x 3, "\xf0\x9f\x98\x80" => "\xf0\x9f\x98\x80", "\xf4\x90\x80\x80" => "\xef\xbf\xbd" x 4, "\xc3" => "\xef\xbf\xbd",
        "\xc0\x80" => "\xef\xbf\xbd" x 2, "\xe2\x82" => "\xef\xbf\xbd" x 2);
    for my $text (sort keys %cases) {
        $sdk->say('event', 'info', $text, "s:k=$text");
        my ($line) = lines();
        my $message = eval { JSON::PP->new->utf8->decode($line) };
        my $expected = $cases{$text};
        utf8::decode($expected);
        is_deeply [ @{ $message->{data} }{qw(msg)}, $message->{data}{ctx}{k} ], [ $expected, $expected ], JSON::PP->new->ascii->encode([$text]);
    }
};

subtest 'too long: shortened, marked, counted' => sub {
    my $before = $sdk->stats->{shortened};
    my @calls = ([ 'event', 'info', 'x' x 100_000 ], [ 'event', 'info', "\x01" x 20_000 ], [ 'event', 'info', "\xe2\x98\xba" x 30_000 ], [ 'big', 6, 30_000 ],
        [ 'big', 5_000, 50 ], [ 'metric', 'n' x 70_000, 1, 'u' x 70_000 ], [ 'progress', 'j' x 70_000, 1, 's' x 70_000 ]);
    for my $call (@calls) {
        $sdk->say(@$call);
        my ($line) = lines();
        my $message = eval { JSON::PP->new->utf8->decode($line) };
        ok $message && $message->{data}{truncated}, "$call->[0]: valid and marked";
        cmp_ok length($line), '<', 65_536, 'short enough';
        cmp_ok length($line), '>', 300, 'not empty';
    }
    is $sdk->stats->{shortened} - $before, scalar @calls, 'counted';
    my $id = $sdk->say('start_span', 'n' x 70_000, "t\n" x 400);
    $sdk->say('end_span', $id, 's' x 70_000);
    my @spans = map { JSON::PP::decode_json($_) } lines();
    is length $spans[0]{tid}, 255, 'an id as the hub takes it';
    unlike $spans[0]{tid}, qr/[\x00-\x1f]/, 'without control characters';
};

$sdk->say('close', 60_000);
like $hub->accepted->[-1]{line}, qr/"type":"goodbye"/, 'goodbye';
is_deeply [ map { $_->{number} } @{ $hub->accepted } ], [ 1 .. @{ $hub->accepted } ], 'numbered without a gap';
is_deeply [ glob "$dir/*.{ldjson,open-c,claimed-c}" ], [], 'nothing in the spool';
is $sdk->done, 0, 'the program ends well';

subtest 'from C++' => sub {
    is system("$Player::build/from_cpp", $dir), 0, 'built and run';
    is scalar(my @files = glob "$dir/from-cpp-*-1.ldjson"), 1, 'its messages are in the spool';
};
done_testing;
