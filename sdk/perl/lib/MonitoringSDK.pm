package MonitoringSDK;

use 5.010;
use strict;
use warnings;
no warnings qw(utf8);    # lc of half a surrogate
use Scalar::Util ();
use Socket ();
use Time::HiRes ();
use MonitoringSDK::Host   ();
use MonitoringSDK::Random ();
use MonitoringSDK::Sender ();
use MonitoringSDK::Tls    ();
use MonitoringSDK::Wire   ();

our $VERSION = '1.0.0';

*_json   = \&MonitoringSDK::Wire::string;
*_object = \&MonitoringSDK::Wire::object;
*_id     = \&MonitoringSDK::Wire::identifier;
*_text   = \&MonitoringSDK::Wire::text;
*_plain  = \&MonitoringSDK::Wire::plain_hash;

my %DEFAULT = (
    host            => '127.0.0.1',
    port            => 17_000,
    token           => undef,
    tls             => 0,
    tls_ca          => undef,
    tls_cert        => undef,
    tls_key         => undef,
    protocol        => 'auto',
    compress        => 0,
    buffer          => 1_000,
    flush_bytes     => 16_384,
    flush_interval  => 0.05,
    connect_timeout => 2,
    welcome_timeout => 10,
    close_timeout   => 3,
    backoff_min     => 0.1,
    backoff_max     => 30,
    spool           => 1,
    spool_dir       => undef,
    spool_bytes     => 67_108_864,
    resource_interval => 0,
);
my %FROM_ENV = (
    host        => 'MONITORING_HOST',
    port        => 'MONITORING_PORT',
    token       => 'MONITORING_TOKEN',
    tls         => 'MONITORING_TLS',
    tls_ca      => 'MONITORING_TLS_CA',
    tls_cert    => 'MONITORING_TLS_CERT',
    tls_key     => 'MONITORING_TLS_KEY',
    spool_dir   => 'MONITORING_SPOOL_DIR',
    trace_id    => 'MONITORING_TRACE_ID',
    parent_span => 'MONITORING_PARENT_SPAN',
);
my %LEVEL = (
    (map { $_ => $_ } qw(debug info warn error fatal)),
    trace => 'debug', notice => 'info', warning => 'warn', err => 'error', crit => 'fatal', critical => 'fatal',
);
use constant MAX_OPEN_SPANS => 1_000;

my %alive;    # weak references, for END

sub new {
    my ($class, @arguments) = @_;
    my %given = @arguments % 2 ? (source => @arguments) : @arguments;
    my $self  = bless {}, $class;
    _guard(sub { $_[0]->_init(\%given) }, $self);
    return $self;
}

sub _init {
    my ($self, $given) = @_;
    my %o = %DEFAULT;
    my $error;
    for my $name (sort keys %FROM_ENV) {
        my $value = $ENV{ $FROM_ENV{$name} };
        next unless defined $value && length $value;
        if (_is_tainted($name, $value)) { $error = "$FROM_ENV{$name} ignored: perl -T lets nobody but the program say that" }
        else                            { $o{$name} = $value }
    }
    for my $name (sort keys %$given) {
        if    (!is_option($name))                    { $error = "unknown option '$name' ignored" }
        elsif (_is_tainted($name, $given->{$name})) { $error = "option '$name' ignored: it is tainted, see perlsec" }
        elsif (defined $given->{$name}) { $o{$name} = $name eq 'context' ? _plain($given->{$name}) : _text($given->{$name}) }
    }
    if (!defined $o{source} || !length $o{source}) { ($o{source}) = $0 =~ m{([^/]+)\z}; $o{source} //= 'perl' }
    $o{$_} = _id($o{$_}) for qw(source trace_id parent_span);
    $o{tls} = !$o{tls} || $o{tls} =~ /\A(?:false|no|off)\z/i ? 0 : 1;    # a wrong value must not mean: without
    for my $name (grep { Scalar::Util::looks_like_number($DEFAULT{$_} // '') } keys %DEFAULT) {
        $o{$name} = $DEFAULT{$name} unless Scalar::Util::looks_like_number($o{$name}) && $o{$name} >= 0;
    }
    $o{buffer}         = 1     if $o{buffer} < 1;
    $o{flush_interval} = 0.001 if $o{flush_interval} < 0.001;
    $o{compress} = 0 unless $o{compress} && eval { require Compress::Raw::Zlib; 1 };
    $o{version}  = $VERSION;
    $o{max_line} = MonitoringSDK::Wire::MAX_LINE;
    $o{name}     = substr($o{host}, 0, 1) eq '/' ? $o{host} : "$o{host}:$o{port}";    # in error texts
    $o{address}  = _address(@o{qw(host port)});
    @o{qw(tls_settings tls_error)} = MonitoringSDK::Tls::settings(\%o) if $o{tls} && substr($o{host}, 0, 1) ne '/';
    %$self = (
        options => \%o,
        pid     => $$,
        context => { %{ _plain($o{context}) } },
        trace   => $o{trace_id},
        spans   => [],
        jobs    => {},
        cpu     => {},
        resource_at => $o{resource_interval} ? Time::HiRes::time() + $o{resource_interval} : 9**9**9,
        head    => '{"v":1,"src":' . _json($o{source}) . ',"ts":',
        ids     => '',
    );
    utf8::downgrade($self->{head}, 1);
    $self->_start_sending;
    $self->{stats}{last_error} = $o{tls_error} if defined $o{tls_error};
    $self->{stats}{last_error} = $error if defined $error;
    $self->_set_ids;
    Scalar::Util::weaken($alive{ 0 + $self } = $self);
    return;
}

# Under perl -T: what would reach the system, and comes from who knows where.
sub _is_tainted { return ${^TAINT} && $_[0] =~ /\A(?:host|port|spool_dir|tls_(?:ca|cert|key))\z/ && Scalar::Util::tainted($_[1]) }

sub is_option { return exists $DEFAULT{ $_[0] } || $_[0] =~ /\A(?:source|trace_id|parent_span|context)\z/ }

sub _start_sending {
    my ($self) = @_;
    $self->{stats} = { (map { $_ => 0 } qw(messages sent acked plain resent refused dropped spooled shortened
        left_in_spool spool_files_sent connects)), last_error => undef };
    $self->{sender} = MonitoringSDK::Sender->new(@$self{qw(options stats)});
    return;
}

# A host name is looked up once, here: the look-up is the one thing in this
# module that can wait.
sub _address {
    my ($host, $port) = @_;
    return Socket::pack_sockaddr_un($host) if substr($host, 0, 1) eq '/';
    my $ip = Socket::inet_aton($host) or return undef;
    return Socket::pack_sockaddr_in($port, $ip);
}

# --- messages -----------------------------------------------------------------

sub _log_event {
    my ($self, $level, $message, $context) = @_;
    $level = $LEVEL{ lc(_text($level) // '') } // 'info';
    my @context = %{ $self->{context} } ? ($self->{context}, $context) : $context;
    $self->_emit('event', sub {
        return qq({"level":"$level","msg":) . _json($message) . ',"ctx":' . _object(@context) . '}';
    });
    return;
}

sub _log_metric {
    my ($self, $name, $value, $unit, $tags) = @_;
    my $number = MonitoringSDK::Wire::number($value);
    $name = _text($name);
    # The hub refuses these; what came instead is still worth knowing.
    return $self->_log_event('warn', 'metric without a number', { name => $name, value => $value, unit => $unit, tags => $tags })
        unless defined $number && defined $name && length $name;
    $self->_emit('metric', sub {
        return '{"name":' . _json($name) . qq(,"value":$number,"unit":) . _json($unit) . ',"tags":' . _object($tags) . '}';
    });
    return;
}

sub _log_progress {
    my ($self, $job, $percent, $status) = @_;
    $job = _text($job);
    $job = 'unknown' unless defined $job && length $job;
    $percent = MonitoringSDK::Wire::number($percent) // 0;
    $percent = $percent < 0 ? 0 : $percent > 100 ? 100 : $percent;
    $self->_emit('progress', sub {
        return '{"job_id":' . _json($job) . qq(,"percent":$percent,"status":) . _json($status // 'running') . '}';
    });
    return;
}

sub _log_resource {
    my ($self, $cpu, $memory, $disk, $network, $more) = @_;
    my $counts = grep({ defined } $cpu, $memory, $disk, $network) ? {} : MonitoringSDK::Host::counts();
    my %use = (
        %$counts,
        %{ _plain($more) },
        cpu  => $cpu     // MonitoringSDK::Host::cpu($self->{cpu}),
        mem  => $memory  // MonitoringSDK::Host::memory(),
        disk => $disk    // MonitoringSDK::Host::disk(),
        net  => $network // MonitoringSDK::Host::network(),
    );
    my @members;
    for my $name (qw(cpu mem disk net), sort grep { !/\A(?:cpu|mem|disk|net)\z/ } keys %use) {
        my $number = MonitoringSDK::Wire::number($use{$name});
        push @members, _json($name) . ":$number" if defined $number;
    }
    $self->_emit('resource', sub { return '{' . join(',', @members) . '}' });
    return;
}

sub _heartbeat { $_[0]->_emit('heartbeat', sub { return '{}' }); return }

sub _emit {
    my ($self, $type, $data, $ids) = @_;
    my $sender = $self->{sender};
    if ($self->{closed}) { $self->{stats}{dropped}++; return }
    my $now  = Time::HiRes::time();
    if ($now >= $self->{resource_at}) {
        $self->{resource_at} = $now + $self->{options}{resource_interval};
        $self->_log_resource;
    }
    my $head = $self->{head} . int($now * 1_000) . qq(,"type":"$type") . ($ids // $self->{ids}) . ',"data":';
    my $line = MonitoringSDK::Wire::line(sub { return $head . $data->() . '}' }, $self->{options}{max_line});
    $self->{stats}{messages}++;
    $self->{stats}{shortened}++ if $MonitoringSDK::Wire::shortened;
    $sender->add($line, $now);
    return;
}

# --- traces and spans ---------------------------------------------------------

sub _start_span {
    my ($self, $name, $trace, $more) = @_;
    $more  = _plain($more);
    $trace = _id($trace);
    my $inner = $self->{spans}[-1];
    $trace //= $inner ? $inner->{trace} : $self->{trace} // MonitoringSDK::Random::hex_id(16);
    my $parent = _id($more->{parent});
    $parent //= $inner->{id} if $inner && $inner->{trace} eq $trace;
    # The span that another process has opened for this one.
    $parent //= $self->{options}{parent_span}
        if !$inner && defined $self->{options}{trace_id} && $self->{options}{trace_id} eq $trace;
    my $span = { id => MonitoringSDK::Random::hex_id(8), trace => $trace, parent => $parent, name => $name,
        start => int(Time::HiRes::time() * 1_000) };
    push @{ $self->{spans} }, $span;
    shift @{ $self->{spans} } if @{ $self->{spans} } > MAX_OPEN_SPANS;
    $self->_set_ids;
    $self->_emit_span($span, 'null', 'open', $more->{tags});
    return $span->{id};
}

sub _end_span {
    my ($self, $id, $status, $tags) = @_;
    $id = _id($id);
    my $spans = $self->{spans};
    $id //= $spans->[-1]{id} if @$spans;
    return unless defined $id;
    my ($index) = grep { $spans->[$_]{id} eq $id } reverse 0 .. $#$spans;
    # One that another process opened: the hub joins the two by the id.
    my $span = defined $index ? splice(@$spans, $index, 1)
        : { id => $id, trace => $self->_trace_id // 'unknown', name => '', start => 0 };
    $self->_set_ids;
    $self->_emit_span($span, int(Time::HiRes::time() * 1_000), $status // 'ok', $tags);
    return;
}

sub _emit_span {
    my ($self, $span, $end, $status, $tags) = @_;
    my $ids = ',"tid":' . _json($span->{trace}) . ',"sid":' . _json($span->{id});
    $ids .= ',"pid":' . _json($span->{parent}) if defined $span->{parent};
    $self->_emit('span', sub {
        return '{"name":' . _json($span->{name}) . qq(,"start":$span->{start},"end":$end,"status":) . _json($status)
            . ',"tags":' . _object($tags) . '}';
    }, $ids);
    return;
}

sub _set_trace_id {
    my ($self, $trace) = @_;
    $self->{trace} = _id($trace);
    $self->_set_ids;
    return;
}

sub _set_context {
    my ($self, $key, $value) = @_;
    $key = _text($key) // return;
    if (defined $value) { $self->{context}{$key} = $value }
    else                { delete $self->{context}{$key} }
    return;
}

sub _trace_id { my ($self) = @_; return @{ $self->{spans} } ? $self->{spans}[-1]{trace} : $self->{trace} }

sub _current_span { my ($self) = @_; return @{ $self->{spans} } ? $self->{spans}[-1]{id} : $self->{options}{parent_span} }

# What every message but a span says about where it belongs.
sub _set_ids {
    my ($self) = @_;
    my ($trace, $span) = ($self->_trace_id, $self->_current_span);
    $self->{ids} = defined $trace ? ',"tid":' . _json($trace) : '';
    $self->{ids} .= ',"sid":' . _json($span) if defined $trace && defined $span;
    return;
}

# Environment for a child process, so that its spans hang under the present one.
sub _child_env {
    my ($self) = @_;
    my ($trace, $span) = ($self->_trace_id, $self->_current_span);
    return { defined $trace ? (MONITORING_TRACE_ID => $trace) : (), defined $span ? (MONITORING_PARENT_SPAN => $span) : () };
}

# --- jobs: a span, progress and events joined by the job's id -------------------

sub _start_job_analysis {
    my ($self, $job, $name, $more) = @_;
    $job  = _id($job) // 'unknown';
    $more = _plain($more);
    my $id = $self->_start_span($name // "job $job", $more->{trace_id}, { tags => { %{ _plain($more->{tags}) }, job_id => $job } });
    $self->{jobs}{$job} = { span => $id, parts => {}, total => MonitoringSDK::Wire::number($more->{subjobs}), done => 0, percent => 0 };
    $self->_log_event('info', 'job started', { job_id => $job, name => $name });
    $self->_log_progress($job, 0, 'started');
    return $id;
}

sub _track_subjob {
    my ($self, $job, $part, $name) = @_;
    $_ = _id($_) // 'unknown' for $job, $part;
    my $known = $self->{jobs}{$job} //= { parts => {}, done => 0, percent => 0 };
    my $id = $self->_start_span($name // $part, undef,
        { parent => $known->{span}, tags => { job_id => $job, subjob_id => $part } });
    $known->{parts}{$part} = $id;
    return $id;
}

sub _end_subjob {
    my ($self, $job, $part, $status, $tags) = @_;
    $_ = _id($_) // 'unknown' for $job, $part;
    my $known = $self->{jobs}{$job} or return;
    my $id = delete $known->{parts}{$part} // return;
    $status = _text($status) // 'ok';
    $self->_end_span($id, $status, { %{ _plain($tags) }, job_id => $job, subjob_id => $part });
    $known->{done}++;
    if ($known->{total}) {
        my $percent = int 100 * $known->{done} / $known->{total};
        $known->{percent} = $percent > 99 ? 99 : $percent;    # 100 is said by end_job_analysis
    }
    $self->_log_progress($job, $known->{percent}, $status eq 'ok' ? 'running' : "$part: $status");
    return;
}

sub _end_job_analysis {
    my ($self, $job, $status, $summary) = @_;
    $job    = _id($job)    // 'unknown';
    $status = _text($status) // 'ok';
    my $known = delete $self->{jobs}{$job} // { parts => {}, percent => 0 };
    $self->_end_span($_, 'abandoned', { job_id => $job }) for map { $known->{parts}{$_} } sort keys %{ $known->{parts} };
    my %summary = %{ _plain($summary) };
    $self->_log_progress($job, $status eq 'ok' ? 100 : $known->{percent}, $status eq 'ok' ? 'done' : $status);
    $self->_log_event($status eq 'ok' ? 'info' : 'error', 'job ended', { %summary, job_id => $job, status => $status });
    $self->_end_span($known->{span}, $status, { %summary, job_id => $job }) if defined $known->{span};
    return;
}

# --- life cycle -----------------------------------------------------------------

sub _flush {
    my ($self, $timeout) = @_;
    return 1 if $self->{closed};
    $timeout = MonitoringSDK::Wire::number($timeout) // $self->{options}{close_timeout};
    $self->{options}{address} //= _address(@{ $self->{options} }{qw(host port)}) if $timeout > 0;
    return $self->{sender}->flush($timeout);
}

sub _close {
    my ($self, $timeout) = @_;
    return if $self->{closed};
    $timeout = MonitoringSDK::Wire::number($timeout);
    delete $alive{ 0 + $self };
    my $goodbye = $self->{head} . int(Time::HiRes::time() * 1_000) . qq(,"type":"goodbye","data":{}}\n);
    $self->{closed} = 1;
    $self->{sender}->close($timeout // $self->{options}{close_timeout}, $goodbye);
    return;
}

sub _get_stats {
    my ($self) = @_;
    my ($sender, $session) = ($self->{sender}, $self->{sender}{session});
    return {
        %{ $self->{stats} },
        state    => $self->{closed} ? 'closed' : $sender->state,
        protocol => $session->{mode} // 'undecided',
        buffered => scalar @{ $session->{queue} },
        client   => $session->{client},
    };
}

# A forked child is a new client: its own id, an empty buffer, its own socket.
# The inherited sender is only forgotten; that closes the child's copy of the
# socket and says nothing to the hub. Open spans and trace stay known, so that the
# child's spans hang under its parent's.
sub _after_fork {
    my ($self) = @_;
    $self->{pid}    = $$;
    $self->{cpu}    = {};
    $self->{closed} = 0;
    $self->_start_sending;
    Scalar::Util::weaken($alive{ 0 + $self } = $self);
    return;
}

# --- the public methods: the above, each behind the guard -----------------------

# Runs $code so that the application notices nothing of it: no exception, and
# $@, $! and $? as they were. There is one exception that must get out: that of a
# signal handler of the application (alarm and die) which happened to run in here.
# Code of the application that we call ourselves is wrapped where it is called.
sub _guard {
    my $code = shift;
    my ($ok, $result, $error);
    {
        local ($@, $!, $?);
        local $SIG{__DIE__};
        $ok = eval { $result = &$code; 1 };
        $error = $@ unless $ok;
    }
    return $result if $ok;
    my $ours = !ref $error && $error =~ m{ at \S*MonitoringSDK(?:/\w+)?\.pm line };
    die $error unless $ours || grep { tied $_ } @_;
    $_[0]{stats}{last_error} = "$error";
    return undef;
}

for my $name (qw(log_event log_metric log_progress log_resource heartbeat start_span end_span set_trace_id trace_id
    set_context current_span child_env start_job_analysis track_subjob end_subjob end_job_analysis flush close get_stats))
{
    my $method = __PACKAGE__->can("_$name");
    my $code = sub {
        $_[0]->_after_fork if $_[0]{pid} != $$;
        return &$method;
    };
    no strict 'refs';
    *$name = sub { return _guard($code, @_) };
}

sub DESTROY {
    my ($self) = @_;
    return if $self->{closed} || ($self->{pid} // 0) != $$ || (${^GLOBAL_PHASE} // '') eq 'DESTRUCT';
    $self->close;
    return;
}

# An ithread gets no copy: two threads cannot share a connection.
sub CLONE_SKIP { return 1 }

END {
    my $status = $?;
    for my $self (values %alive) { $self->close if $self && $self->{pid} == $$ }
    $? = $status;
}

1;
__END__

=encoding utf8

=head1 NAME

MonitoringSDK - send events, metrics, progress and spans to a Monitoring Hub

=head1 SYNOPSIS

    use MonitoringSDK;

    my $sdk = MonitoringSDK->new(source => 'queue-service');
    $sdk->log_event('info', 'Job started', { job_id => '12345' });
    $sdk->log_metric('queue.depth', 17, 'items', { queue => 'in' });

    my $span = $sdk->start_span('load file');
    $sdk->log_progress('12345', 50, 'running');
    $sdk->end_span($span, 'ok', { rows => 4_000 });

    $sdk->close;

=head1 DESCRIPTION

Send-only client of the hub's wire protocol, version 1, with acknowledged
sessions. Needs nothing but core Perl,
and IO::Socket::SSL for C<tls>. A call does not die, does not wait and
does not disturb C<$@>, C<$!>, C<$?>, signal handlers or C<rand>. F<README.md>
says what is guaranteed and where that ends.

=head1 CONSTRUCTOR

=head2 new(source => $name, %options)

An option that is left out is taken from the environment variable named with it,
else from the default. Times are seconds, fractions allowed. A wrong value is
replaced by the default; an unknown option is told in C<get_stats>.

    option           type     default            meaning
    source           text     name of program    who sends: service or script
    host             text     127.0.0.1          address of the hub, or the absolute path of its
                                                 Unix socket; a name is resolved once, in new
                                                 (MONITORING_HOST)
    port             number   17000              its TCP port (MONITORING_PORT)
    token            text     none               shared secret, sent in hello (MONITORING_TOKEN)
    tls              0 or 1   0                  encrypt, and check the hub's certificate; needs the
                                                 module IO::Socket::SSL; not for a Unix socket;
                                                 false, no and off are 0, other words 1
                                                 (MONITORING_TLS)
    tls_ca           path     of the system      who may have signed the hub's certificate, in PEM
                                                 (MONITORING_TLS_CA)
    tls_cert         path     none               certificate of this program for a hub that wants
                                                 one, in PEM (MONITORING_TLS_CERT)
    tls_key          path     none               its private key, in PEM (MONITORING_TLS_KEY)
    compress         0 or 1   0                  compress what is sent, if the hub agrees to
    protocol         text     auto               auto: acknowledged, plain with a hub that does
                                                 not know hello; acked: never plain; plain: no hello
    buffer           number   1000               messages kept in memory until acknowledged
    flush_bytes      bytes    16384              write when so much waits
    flush_interval   seconds  0.05               a single message is written at once as long as
                                                 they come no faster than this; 20 in a row may.
                                                 The kernel may hold what goes on after those
                                                 for 0.2 s (TCP, a hub on the same machine;
                                                 flush sends it)
    connect_timeout  seconds  2                  give up a connection attempt after this
    welcome_timeout  seconds  10                 without an answer to hello after this: a plain
                                                 hub (or, if it did answer before, a lost one)
    close_timeout    seconds  3                  longest wait of close, of the end of the process
                                                 and of flush without an argument
    backoff_min      seconds  0.1                first upper limit of the pause before the next
                                                 attempt to connect; doubles each time,
    backoff_max      seconds  30                 up to this; the pause is a random part of it
    spool            0 or 1   1                  0: no spool files; what does not fit is dropped
    spool_dir        path     private folder     where they are; the default is
                              below tmp          <tmp>/monitoring-spool-<uid>
                                                 (MONITORING_SPOOL_DIR)
    spool_bytes      bytes    67108864           most that this source may keep there
    resource_interval
                     seconds  0                  log_resource by itself with the first message after
                                                 so long; 0: never. A program that says nothing
                                                 else does not say this either
    trace_id         text     none               trace to begin with (MONITORING_TRACE_ID)
    parent_span      text     none               span of another process that the outermost spans
                                                 of this trace hang under (MONITORING_PARENT_SPAN)
    context          hash     empty              begin of set_context

=head1 METHODS

=head2 log_event($level, $message, \%context)

Level: debug, info, warn, error or fatal; common synonyms are understood, anything
else is info.

=head2 log_metric($name, $value, $unit, \%tags)

A value that is no finite number, or an empty name, makes an event of level warn
instead: the hub takes only numbers.

=head2 log_progress($job_id, $percent, $status)

Per cent is brought into 0..100.

=head2 log_resource($cpu, $mem, $disk, $net, \%more)

Per cent and MB; C<%more> has further numbers. What is undef is measured; if all
four are, so are the numbers in the second half of this table. From times() and
/proc; what the system does not tell is left out.

    number    unit
    cpu       per cent of one core, of this process since the last call
    mem       MB (of 1,048,576 bytes) of resident memory of this process
    disk      MB that this process has read from and written to disks
    net       MB through the host's network interfaces, without loopback
    threads   number of threads of this process
    fds       number of its open descriptors
    children  number of its child processes (those of its first eight threads)
    load1     the host's load average over 1 minute,
    load5     over 5 minutes,
    load15    and over 15

=head2 start_span($name, $trace_id, \%more)

Opens a span and returns its id. Without a trace id it belongs to the present
trace, or begins one. Its parent is the innermost open span of this process, else
C<parent_span>, unless C<< $more->{parent} >> names one. C<< $more->{tags} >> are
its tags.

=head2 end_span($span_id, $status, \%tags)

Without an id: the innermost one. The id may come from another process.

=head2 set_trace_id($trace_id), trace_id

The trace of messages outside of spans; the present trace. undef ends it.

=head2 set_context($key, $value)

Goes into the ctx of every later event; undef removes it.

=head2 current_span, child_env

The innermost open span; a hash of the environment variables by which the spans of
a child program hang under it.

=head2 start_job_analysis($job_id, $name, \%more)

Span, event and progress 0 of a job. C<subjobs> in C<%more> is how many parts it
has: then progress counts by itself. Returns the id of the span.

=head2 track_subjob($job_id, $subjob_id, $name)

Opens the span of a part below the job's. Returns its id.

=head2 end_subjob($job_id, $subjob_id, $status, \%tags)

Closes it and reports progress.

=head2 end_job_analysis($job_id, $status, \%summary)

Parts that are still open end as abandoned.

=head2 flush($seconds)

Waits until the hub has everything, at most so long; returns whether it has.
Returns at once when no hub can be reached. C<flush(0)> does not wait: good for the
idle loop of a program that falls silent after a burst of messages.

=head2 heartbeat, close($seconds)

close waits like flush, and leaves what is not acknowledged in the spool. The end
of the process does it for you.

=head2 get_stats

A hash: messages, sent, acked (by the hub), plain (taken by the kernel for a plain
hub), resent, refused, dropped, shortened, spooled, left_in_spool,
spool_files_sent, connects, buffered, state (connected, disconnected, overflow,
closed), protocol (acked, plain, undecided), client, last_error.

=head1 LICENSE

Apache License 2.0.

=cut
