package MonitoringSDK::Session;

# One numbered stream of lines of one client, and the connection it goes over.
#
# Lines wait in {queue}; {first} is the number of the first of them. A line stays
# there until the hub has confirmed it. {written} counts how many of the queue
# went into the present connection; after a lost one it is 0 again, and hello
# names {first}. The hub numbers by position from there, so every line of the
# queue is written, also those that `welcome` says it has: leaving one out would
# shift the numbers of all that follow.
#
# {mode} belongs to the connection: undef until the hub has answered hello,
# 'acked' once it has, 'plain' for a hub that does not know hello. With a plain
# hub a line counts as sent when the kernel has taken it. The last of these lines
# stay in {unsure} as long as the connection: if the answer comes after all, they
# are in the queue again.
#
# A hub that says `fenced` has seen this client's id in another connection. Unless
# that can be the one that was given up here before ({left_open}), it is somebody
# else's: what is not confirmed goes on under a new id, with the same numbers, and
# a spool file of others is left to them ({over}). A hub that welcomes this process
# with a line that it never sent has it from somebody who has the id, too: the same.
#
# With {hold} the kernel may keep what is sent for a moment (MonitoringSDK::Connection).
#
# step() does what can be done now without waiting: no call in here blocks.

use 5.010;
use strict;
use warnings;
use Time::HiRes ();
use MonitoringSDK::Connection ();
use MonitoringSDK::Random     ();
use MonitoringSDK::Wire       ();

use constant WRITE_BYTES     => 65_536;     # of one system call
use constant WRITES_PER_STEP => 4;
use constant LONGEST_ANSWER  => 65_536;

sub monotonic { return Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC()) }

# $options: the SDK's; $stats: shared counters; $file: a spool file to read on from;
# $welcomed: another session has been, so there is a hub.
sub new {
    my ($class, %o) = @_;
    return bless {
        welcomed => 0, left_open => 0, over => 0, own => !$o{file}, %o, queue => [], unsure => [], written => 0, out => '', in => '', confirmed => $o{first} - 1, highest => $o{first} - 1,
        state => 'down', mode => undef, failures => 0, retry_at => 0, hold => 0,
    }, $class;
}

# Nothing left to write or to be confirmed.
sub is_empty {
    my ($self) = @_;
    return !@{ $self->{queue} } && !length $self->{out} && !($self->{file} && $self->{file}->unread);
}

# The number that the next new line will get.
sub next_number {
    my ($self) = @_;
    return $self->{first} + @{ $self->{queue} } + ($self->{file} ? $self->{file}{unread_lines} : 0);
}

sub step {
    my ($self, $connect_now) = @_;
    return if $self->{busy};                       # a signal handler logs while we are in here
    local $self->{busy} = 1;
    # A signal handler that died left the last step unfinished: what went into
    # the socket is uncertain. A new connection and hello make it certain again.
    $self->_give_up('interrupted') if $self->{unfinished} && $self->{state} ne 'down';
    $self->{unfinished} = 1;
    my $now = monotonic();
    $self->_connect($now) if $self->{state} eq 'down' && ($connect_now || $now >= $self->{retry_at});
    $self->_finish_connect($now) if $self->{state} eq 'connecting';
    $self->_read                 if $self->{state} eq 'up';
    $self->_decide_mode($now)    if $self->{state} eq 'up' && !defined $self->{mode};
    $self->_write                if $self->{state} eq 'up';
    $self->{unfinished} = 0;
    return;
}

# --- connection ---------------------------------------------------------------

sub _connect {
    my ($self, $now) = @_;
    $self->{connection} = MonitoringSDK::Connection->begin($self->{options}, $now);
    @$self{qw(state out in)} = ('connecting', '', '');
    return;
}

sub _finish_connect {
    my ($self, $now) = @_;
    my $connection = $self->{connection};
    $connection->finish($now);
    return $self->_up($now)                 if $connection->{state} eq 'up';
    return $self->_down($connection->{why}) if $connection->{state} eq 'broken';
    return;
}

sub wants_to_write { my ($self) = @_; return $self->{connection}->wants_to_write || length $self->{out} > 0 }

sub hang_up {
    my ($self) = @_;
    my $connection = delete $self->{connection} or return;
    return $connection->end;
}

sub _up {
    my ($self, $now) = @_;
    @$self{qw(state since mode)} = ('up', $now, undef);
    $self->{stats}{connects}++;
    if ($self->{options}{protocol} eq 'plain') { $self->{mode} = 'plain'; return }
    my $token = $self->{options}{token};
    $self->{offers} = $self->{options}{compress};
    $self->{out} = sprintf qq({"v":1,"type":"hello","src":%s,"ts":%.0f,"data":{"client":"%s","next":%d,"sdk":"perl/%s"%s%s}}\n),
        MonitoringSDK::Wire::string($self->{options}{source}), Time::HiRes::time() * 1000, $self->{client}, $self->{first},
        $self->{options}{version}, defined $token ? ',"token":' . MonitoringSDK::Wire::string($token) : '',
        $self->{offers} ? ',"compress":["zlib"]' : '';
    return;
}

# Ends a connection that the hub need not know to be ended yet.
sub _give_up {
    my ($self, $why) = @_;
    $self->_down($why);
    $self->{left_open} = 1;
    return;
}

# Numbers go on: the hub takes a new client's from wherever they begin.
sub _end_id {
    my ($self) = @_;
    return $self->{over} = 1 unless $self->{own};
    $self->{client} = MonitoringSDK::Random::uuid();
    $self->{refusal} .= "; its spool file keeps the old id: $!" if $self->{file} && !$self->{file}->give_to($self->{client});
    return;
}

# Exponential back-off with full jitter.
sub _down {
    my ($self, $why) = @_;
    my $o = $self->{options};
    my $ceiling = $o->{backoff_min} * 2**($self->{failures} < 20 ? $self->{failures} : 20);
    $ceiling = $o->{backoff_max} if $ceiling > $o->{backoff_max};
    $self->{failures}++;
    $self->{retry_at} = monotonic() + MonitoringSDK::Random::below($ceiling);
    $self->hang_up;
    # What a plain hub's socket took as whole lines is not sent again.
    $self->_forget($self->{written} - $self->{out} =~ tr/\n//) if ($self->{mode} // '') eq 'plain';
    $self->_end_id if delete $self->{fenced} && !$self->{left_open};
    $self->{left_open} = 0 if $self->{state} eq 'up';
    delete @$self{qw(offers deflate)};
    @$self{qw(state mode written out in unsure)} = ('down', undef, 0, '', '', []);
    $self->{stats}{last_error} = delete $self->{refusal} // $why;
    return;
}

# A hub that has never answered this client within welcome_timeout does not know
# hello. One that has, has only stopped: a new connection is tried instead.
sub _decide_mode {
    my ($self, $now) = @_;
    return if $now - $self->{since} < $self->{options}{welcome_timeout};
    return $self->_give_up('the hub did not answer hello') if $self->{welcomed} || $self->{options}{protocol} eq 'acked';
    @$self{qw(mode failures)} = ('plain', 0);
    $self->_confirm_written;
    return;
}

# --- what the hub says --------------------------------------------------------

# Whether something was read, and the connection stays.
sub _read {
    my ($self) = @_;
    my $connection = $self->{connection};
    my $got = $connection->receive($self->{in});
    if (!defined $got) {
        my $why = $connection->failure // return;
        return $self->_down($why);
    }
    while ($self->{in} =~ s/\A([^\n]*)\n//) {
        my %answer = _members($1);
        my $type = $answer{type} // next;
        my %data = _members($answer{data} // '');
        if    ($type eq '"ack"')     { $self->_acked($data{seq}) }
        elsif ($type eq '"error"')   { $self->_refused(\%data) }
        elsif ($type eq '"welcome"') { $self->_welcome(\%data) }
        return if $self->{state} ne 'up';
    }
    return $self->_down($connection->farewell) if $got == 0;
    return $self->_give_up('the hub sends no lines') if length $self->{in} > LONGEST_ANSWER;
    return 1;
}

# The members of a JSON object, the values as they stand there. No JSON parser:
# loading one would cost 20 ms in the middle of a call.
my $text  = qr/"(?:[^"\\]|\\.)*+"/;
my $value = qr/(?<value>$text|[^\s"{}\[\],]++|[{\[](?:$text|[^"{}\[\]]++|(?&value))*+[}\]])/;

sub _members {
    my ($object) = @_;
    my %members;
    $object =~ /\A\s*\{/gc;
    while ($object =~ /\G[\s,]*($text)\s*:\s*$value/gc) {
        my ($name, $is) = ($1, $2);
        $members{ substr $name, 1, -1 } = $is;
    }
    return %members;
}

sub _is_number { return defined $_[0] && $_[0] =~ /\A[0-9]{1,18}\z/ }

sub _acked {
    my ($self, $number) = @_;
    return unless _is_number($number);
    return $self->_give_up("the hub acknowledged line $number, but $self->{highest} was the last one sent") if $number > $self->{highest};
    return $self->_confirm($number);
}

sub _welcome {
    my ($self, $data) = @_;
    $self->_take_back;
    @$self{qw(mode welcomed)} = ('acked', 1);
    my $acked = $data->{acked};
    if (_is_number($acked) && $acked > $self->{highest}) {
        if ($self->{own}) {
            @$self{qw(fenced left_open)} = (1, 0);
            return $self->_down($self->{refusal} = "the hub has line $acked of this client, but $self->{highest} was the last one sent: another process has its id");
        }
        $self->{highest} = $acked;      # of a file that somebody else wrote and partly sent, the hub may have more than was read here
    }
    $self->{failures} = 0;
    my $most = $data->{max_message};
    $self->{options}{max_line} = $most if _is_number($most) && $most >= 1_024 && $most < MonitoringSDK::Wire::MAX_LINE;
    if ($self->{offers} && ($data->{compress} // '') eq '"zlib"') {
        $self->{deflate} = Compress::Raw::Zlib::Deflate->new(-Level => Compress::Raw::Zlib::Z_BEST_SPEED(), -AppendOutput => 1)
            or return $self->_give_up('cannot compress');
    }
    return $self->_acked($acked);
}

# The line counts as confirmed, but it says nothing about the lines before it.
sub _refused {
    my ($self, $data) = @_;
    my @why = map { defined && /\A"(.*)"\z/ ? $1 : () } @$data{qw(code reason)};
    $self->{stats}{refused}++;
    $self->{stats}{last_error} = join ': ', 'refused by the hub', @why;
    my $number = _is_number($data->{seq}) ? $data->{seq} : 0;
    # Without a number it is about the connection, which will be closed.
    if (!$number) {
        $self->{refusal} = $self->{stats}{last_error};
        return unless ($data->{code} // '') eq '"fenced"';
        $self->_take_back;
        @$self{qw(mode fenced)} = ('acked', 1);
        return $self->_down('fenced');
    }
    $self->{refused}{$number} = 1 if $number > $self->{confirmed};
    $self->_confirm($self->{confirmed});
    return;
}

# All lines up to $number are the hub's. Only written ones can leave the queue;
# the rest follows when it has been written.
sub _confirm {
    my ($self, $number) = @_;
    $self->_take_back;
    $self->{mode} = 'acked';
    $self->{confirmed} = $number if $number > $self->{confirmed};
    if (my $refused = $self->{refused}) {
        $self->{confirmed}++ while $refused->{ $self->{confirmed} + 1 };
        delete @$refused{ grep { $_ <= $self->{confirmed} } keys %$refused };
        delete $self->{refused} unless %$refused;
    }
    my $known = $self->{confirmed} - $self->{first} + 1;
    $known = $self->{written} if $known > $self->{written};
    $self->_forget($known) if $known > 0;
    return;
}

# With a plain hub: the kernel has it, so it counts as sent.
sub _confirm_written {
    my ($self) = @_;
    $self->_forget($self->{written}) if $self->{written} && !length $self->{out};
    return;
}

sub _forget {
    my ($self, $count) = @_;
    my $queue = $self->{queue};
    # No branch between these: a signal handler can only run where one is.
    my @gone = splice @$queue, 0, $count;
    $self->{first}   += $count;
    $self->{written} -= $count;
    if ($self->{mode} eq 'plain') {
        $self->{stats}{plain} += $count;
        my $unsure = $self->{unsure};
        my $limit  = $self->{options}{protocol} eq 'plain' ? 0 : $self->{options}{buffer};
        push @$unsure, @gone;
        splice @$unsure, 0, @$unsure - $limit if @$unsure > $limit;
    }
    else { $self->{stats}{acked} += $count }
    my $file = $self->{file};
    if ($file && $file->done($self->{first} - 1)) {
        # No branch between these either: what is left of a file must not go on without its owner.
        unlink $file->{path};
        delete $self->{file};
    }
    return;
}

# The hub did know hello, it was only slow: what was taken for sent waits for its
# ack like everything else.
sub _take_back {
    my ($self) = @_;
    my $unsure = $self->{unsure};
    return unless @$unsure;
    # No branch between these.
    unshift @{ $self->{queue} }, @$unsure;
    $self->{first}        -= @$unsure;
    $self->{written}      += @$unsure;
    $self->{stats}{plain} -= @$unsure;
    $self->{unsure} = [];
    return;
}

# --- what goes to the hub -----------------------------------------------------

sub _write {
    my ($self) = @_;
    my $connection = $self->{connection};
    $connection->cork($self->_may_hold ? 1 : 0);
    for (1 .. WRITES_PER_STEP) {
        # Who offers compression says nothing more before the answer tells how to.
        $self->_next_batch unless length $self->{out} || $self->{offers} && !defined $self->{mode};
        return unless length $self->{out};
        my $sent = $connection->send($self->{out});
        if (!defined $sent) {
            my $why = $connection->failure // return;
            1 while $self->_read;   # why the hub has gone, as far as it said so
            return $self->{state} eq 'up' ? $self->_down($why) : undef;
        }
        substr $self->{out}, 0, $sent, '';
        return if length $self->{out};
        if    (!defined $self->{mode})      { }
        elsif ($self->{mode} eq 'plain')    { $self->_confirm_written }
        else                                { $self->_confirm($self->{confirmed}) }
    }
    return;
}

# The buffer must not fill up because acks wait for what is held: with another
# batch as large as this one a third stays free.
sub _may_hold {
    my ($self) = @_;
    return $self->{hold} && ($self->{mode} // '') eq 'acked' && (2 * @{ $self->{queue} } - $self->{written}) * 3 < $self->{options}{buffer} * 2;
}

# So that the hub can inflate all of it at once.
sub _deflated {
    my ($self, $bytes) = @_;
    my $packed = '';
    $self->{deflate}->deflate($bytes, $packed);
    $self->{deflate}->flush($packed, Compress::Raw::Zlib::Z_SYNC_FLUSH());
    return $packed;
}

sub _next_batch {
    my ($self) = @_;
    my ($queue, $file) = @$self{qw(queue file)};
    my $limit = $self->{options}{buffer};
    if ($file && @$queue <= $limit / 2 && $file->unread) {
        my ($lines, $bytes) = $file->next_lines($limit - @$queue);
        return $self->_down("cannot read the spool file: $!") if !$lines;
        # No branch from here to the end of taken(), as in _forget.
        push @$queue, @$lines;
        $file->taken(scalar @$lines, $bytes);
    }
    my ($from, $bytes) = ($self->{written}, 0);
    my $to = $from;
    while ($to < @$queue && $bytes < WRITE_BYTES) { $bytes += length $queue->[ $to++ ] }
    return if $to == $from;
    my $out = join '', @$queue[ $from .. $to - 1 ];
    $out = $self->_deflated($out) if $self->{deflate};
    $self->{out}     = $out;
    $self->{written} = $to;
    my $last = $self->{first} + $to - 1;
    my $new  = $last - ($self->{highest} > $self->{first} + $from - 1 ? $self->{highest} : $self->{first} + $from - 1);
    $new = 0 if $new < 0;
    $self->{highest} = $last if $last > $self->{highest};
    $self->{stats}{sent}   += $new;
    $self->{stats}{resent} += $to - $from - $new;
    return;
}

1;
