# Whatever an application passes in, valid protocol JSON comes out and nothing
# comes back at it.
use strict;
use warnings;
use utf8;
use Test::More;
use File::Temp ();
use FindBin;
use JSON::PP ();
use lib "$FindBin::Bin/lib";
use MonitoringSDK;

binmode Test::More->builder->$_, ':encoding(UTF-8)' for qw(output failure_output todo_output);
delete @ENV{ grep { /^MONITORING_/ } keys %ENV };
my $dir = File::Temp->newdir;

package Shouting { use overload '""' => sub { 'LOUD' }, fallback => 1 }
package Dying    { use overload '""' => sub { die 'no text' }, fallback => 0 }
package Endless  { use overload '""' => sub { $_[0] }, fallback => 1 }
package TiedUp   { sub TIEHASH { bless {}, shift } sub FIRSTKEY { die 'no keys' } sub FETCH { die 'no value' } sub TIESCALAR { bless [], shift } }
package main;

my @warnings;
local $SIG{__WARN__} = sub { push @warnings, @_ };
local $SIG{__DIE__}  = sub { push @warnings, "died: @_" };

# Everything ends in the spool, and comes back from there.
sub written {
    my ($code) = @_;
    my $sdk = MonitoringSDK->new(source => 'hostile', port => 1, spool_dir => "$dir");
    $code->($sdk);
    $sdk->close;
    my @lines;
    for my $file (glob "$dir/*.ldjson") {
        open my $fh, '<:raw', $file or die $!;
        push @lines, <$fh>;
        close $fh;
        unlink $file;
    }
    return (\@lines, $sdk->get_stats);
}

sub ctx_of {
    my ($value) = @_;
    my ($lines) = written(sub { $_[0]->log_event('info', 'm', { k => $value }) });
    is scalar @$lines, 1, 'one line' or return;
    my $message = eval { JSON::PP->new->utf8->decode($lines->[0]) } or return "invalid JSON: $lines->[0]";
    return $message->{data}{ctx}{k};
}

my $cycle = { name => 'c' };
$cycle->{self} = $cycle;
my $deep = 'end';
$deep = [$deep] for 1 .. 1_000;
tie my %tied, 'TiedUp';
tie my $tied, 'TiedUp';

is ctx_of(undef),             undef,           'undef';
is ctx_of(''),                '',              'empty';
is ctx_of("a\"b\\c\n\t\0\x1f"), "a\"b\\c\n\t\0\x1f", 'control characters';
is ctx_of('Grüße ☺ 😀'),      'Grüße ☺ 😀',    'wide characters';
is ctx_of("\xe9t\xe9"),       "\xe9t\xe9",     'Latin-1 bytes';
is ctx_of("\xc3\xa9"),        "\xe9",          'UTF-8 bytes';
is ctx_of("\xff\xfe\x80"),    "\xff\xfe\x80",  'bytes of no encoding';
is ctx_of("a\x{d800}b"),      "a\x{fffd}b",    'half a surrogate';
is ctx_of("\xed\xa0\x80"),    "\x{fffd}",      'half a surrogate in bytes';
is ctx_of("a" . chr(0x110000)), "a\x{fffd}",   'beyond Unicode';
is ctx_of("\x{fdd0}"),        "\x{fdd0}",      'a non-character';
is ctx_of(9**9**9),           'Inf',           'infinity';
is ctx_of(-9**9**9),          '-Inf',          'minus infinity';
like ctx_of(-sin 9**9**9),    qr/nan/i,        'not a number';
is ctx_of(\1),                JSON::PP::true,  'true';
is ctx_of(JSON::PP::false()), JSON::PP::false, 'false';
is ctx_of(sub { 1 }),         '[CODE]',        'code';
is ctx_of(\*STDOUT),          '[GLOB]',        'a glob';
is ctx_of(\\'x'),             '[REF]',         'a reference to a reference';
is ctx_of(bless {}, 'Some::Class'), '[Some::Class]', 'an object';
is ctx_of(bless [], 'Shouting'),    'LOUD',    'an object with a text';
is ctx_of(bless [], 'Dying'),       '[Dying, unreadable]', 'an object whose text dies';
like ctx_of(bless [], 'Endless'),   qr/\AEndless/, 'an object whose text is an object';
is ctx_of(qr/x/i),            '(?^i:x)',       'a pattern';
is ctx_of(\%tied),            '[unreadable HASH]', 'a tied hash that dies';
like ctx_of({ %$cycle })->{self}{self}{name}, qr/c/, 'a cycle is cut off';
ok ref ctx_of($deep), 'a thousand levels';
is_deeply ctx_of([ 1, '1', 1.5, '1.5', '007', 1e20, -3, 'abc', '1e5', ' 1' ]), [ 1, '1', 1.5, '1.5', '007', 1e20, -3, 'abc', '1e5', ' 1' ], 'numbers and texts';
undef $cycle->{self};

subtest 'numbers stay numbers, texts stay texts' => sub {
    my ($lines) = written(sub { my $n = 5; my $copy = "$n"; $_[0]->log_event('info', 5, { n => $n, s => '5', f => 0.1, e => '', neg => -0.5 }) });
    like $lines->[0], qr/"msg":"5","ctx":\{"e":"","f":0\.1,"n":5,"neg":-0\.5,"s":"5"\}/, 'as Perl holds them';
};

subtest 'odd arguments everywhere' => sub {
    my @odd = (undef, '', [], {}, sub { }, \*STDIN, 9**9**9, "\xff", 'ü' x 10, (bless [], 'Dying'), (bless {}, 'X'), \%tied, -1, '1e999', "a\nb\x7f", '☺' x 300, 'long ' x 100, "\x{d800}", "\0" x 70_000);
    my ($lines, $stats) = written(sub {
        my ($sdk) = @_;
        for my $x (@odd, $deep) {
            $sdk->log_event($x, $x, $x);
            $sdk->log_metric($x, $x, $x, $x);
            $sdk->log_progress($x, $x, $x);
            $sdk->log_resource($x, $x, $x, $x);
            $sdk->set_trace_id($x);
            $sdk->set_context($x, $x);
            my $id = $sdk->start_span($x, $x, $x);
            $sdk->end_span($id, $x, $x);
            $sdk->end_span($x, $x, $x);
            $sdk->start_job_analysis($x, $x, $x);
            $sdk->track_subjob($x, $x, $x);
            $sdk->end_subjob($x, $x, $x, $x);
            $sdk->end_job_analysis($x, $x, $x);
        }
        $sdk->log_event('info', $tied, $tied);
        $sdk->log_event;
        $sdk->log_metric;
        $sdk->flush('x');
    });
    cmp_ok scalar @$lines, '>', 100, 'messages came out';
    is scalar(grep { !eval { JSON::PP->new->utf8->decode($_) } } @$lines), 0, 'all of them valid JSON';
    is scalar(grep { length > 65_536 } @$lines), 0, 'none too long';
    my %type = (event => 1, metric => 1, progress => 1, resource => 1, span => 1);
    for my $m (map { JSON::PP->new->utf8->decode($_) } @$lines) {
        fail "unknown type $m->{type}" if !$type{ $m->{type} };
        fail "an id the hub refuses: $_" for grep { length > 255 || /[\x00-\x1f\x7f-\x9f]/ } grep { defined } @$m{qw(src tid sid pid)};
        fail 'no job' if $m->{type} eq 'progress' && !length $m->{data}{job_id};
        fail 'no name' if $m->{type} eq 'metric' && !length $m->{data}{name};
        fail 'a span without ids' if $m->{type} eq 'span' && !(length($m->{tid} // '') && length($m->{sid} // ''));
    }
};

subtest 'too long: shortened, marked, counted' => sub {
    my %many = map { ("key$_" => 'v' x 50) } 1 .. 5_000;
    my %cases = (
        'a long message' => [ 'x' x 1_000_000, {} ],
        'wide characters' => [ '☺' x 60_000, {} ],
        'long values' => [ 'm', { map { ($_ => 'y' x 30_000) } 'a' .. 'f' } ],
        'many values' => [ 'm', \%many ],
        'a long list' => [ 'm', { list => [ 1 .. 100_000 ] } ],
        'long keys'   => [ 'm', { map { ('k' x 20_000 . $_ => 1) } 1 .. 9 } ],
        'control characters' => [ "\0" x 30_000, {} ],
    );
    for my $name (sort keys %cases) {
        my ($lines, $stats) = written(sub { $_[0]->log_event('info', @{ $cases{$name} }) });
        my $message = eval { JSON::PP->new->utf8->decode($lines->[0]) };
        ok $message, "$name: valid";
        cmp_ok length $lines->[0], '<=', 65_536, "$name: short enough";
        cmp_ok length $lines->[0], '>', 150, "$name: not empty";
        ok $message->{data}{truncated}, "$name: marked";
        is $stats->{shortened}, 1, "$name: counted";
    }
    my ($lines) = written(sub {
        $_[0]->log_metric('n' x 99_999, 1, 'u' x 99_999, { t => 'v' x 99_999 });
        $_[0]->log_progress('j' x 99_999, 1, 's' x 99_999);
        $_[0]->end_span($_[0]->start_span('n' x 99_999, 't' x 99_999, { tags => { a => 'b' x 99_999 } }), 's' x 99_999);
    });
    is scalar(grep { length > 65_536 || !eval { JSON::PP->new->utf8->decode($_) } } @$lines), 0, 'every kind';
    is scalar @$lines, 4, 'nothing lost';
};

subtest 'options' => sub {
    is ref MonitoringSDK->new(source => 'x', port => 'no port', host => 'no such host.invalid', buffer => 'many', colour => 'red', spool => 0), 'MonitoringSDK', 'nonsense';
    like +MonitoringSDK->new(colour => 'red', spool => 0)->get_stats->{last_error}, qr/unknown option 'colour'/, 'told';
    my $sdk = MonitoringSDK->new(source => "q\xfc\"", host => undef, port => 1, spool_dir => "$dir");
    $sdk->log_event('info', "\xfc☺");
    $sdk->close;
    my ($file) = glob "$dir/q__-*.ldjson";
    open my $fh, '<:raw', $file or die $!;
    my $message = JSON::PP->new->utf8->decode(scalar <$fh>);
    is_deeply [ $message->{src}, $message->{data}{msg} ], [ "q\xfc\"", "\xfc☺" ], 'a source that is not ASCII';
};

is_deeply \@warnings, [], 'no warnings, and the application\'s __DIE__ not called';
done_testing;
