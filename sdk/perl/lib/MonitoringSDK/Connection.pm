package MonitoringSDK::Connection;

# One connection to a hub: TCP, with TLS where that is asked for, or a Unix socket.
# {state} is connecting, securing, up or broken; {why} says why it is broken. What
# send and receive return is what send(2) and recv(2) do. No call in here blocks.
#
# A hub on the same machine that is woken by our write may take the processor from
# the caller in the middle of it. With cork(1) the kernel keeps what it has taken,
# less than a segment, and sends it by itself 0.2 s later (TCP_CORK, tcp(7)). One
# elsewhere wakes nobody here: it gets everything at once.

use 5.010;
use strict;
use warnings;
use Errno qw(EAGAIN EWOULDBLOCK EINTR EINPROGRESS EALREADY);
use Fcntl qw(F_GETFL F_SETFL O_NONBLOCK);
use Socket qw(:DEFAULT IPPROTO_TCP TCP_NODELAY);
use MonitoringSDK::Files ();
use MonitoringSDK::Tls   ();

use constant READ_BYTES => 65_536;
use constant NOSIGNAL   => eval { Socket::MSG_NOSIGNAL() } || 0;
use constant CORK       => eval { Socket::TCP_CORK() } || 0;           # Linux

# On its way to the hub, or broken already.
sub begin {
    my ($class, $o, $now) = @_;
    my $self = bless { options => $o, since => $now, state => 'connecting', corked => 0 }, $class;
    return $self->_broken($o->{tls_error}) if defined $o->{tls_error};
    my $address = $o->{address} or return $self->_broken("cannot resolve $o->{host}");
    my $local = substr($o->{host}, 0, 1) eq '/';
    socket my $low, $local ? PF_UNIX : PF_INET, SOCK_STREAM, 0 or return $self->_broken("no socket: $!");
    my $socket = MonitoringSDK::Files::above_streams($low) or return $self->_broken("no socket: $!");
    my $flags = fcntl $socket, F_GETFL, 0;
    fcntl $socket, F_SETFL, $flags | O_NONBLOCK or return $self->_broken("no non-blocking socket: $!");
    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1 unless $local;
    $self->{socket} = $socket;
    return $self->_connected if connect $socket, $address;
    return $self if $! == EINPROGRESS || $! == EALREADY;
    return $self->_broken("cannot connect to $o->{name}: $!");
}

# Goes on as far as it can now. connect_timeout is for both, the connection and the handshake.
sub finish {
    my ($self, $now) = @_;
    my $o = $self->{options};
    $self->_finish_connect if $self->{state} eq 'connecting';
    $self->_secure         if $self->{state} eq 'securing';
    return if $self->{state} eq 'up' || $self->{state} eq 'broken' || $now - $self->{since} < $o->{connect_timeout};
    return $self->_broken(($self->{state} eq 'securing' ? 'no TLS handshake with' : 'no connection to') . " $o->{name} in $o->{connect_timeout} s");
}

sub end {
    my ($self) = @_;
    my $socket = delete $self->{socket} or return;
    return $self->{secure} ? MonitoringSDK::Tls::end($socket) : close $socket;
}

# Appends what has come to $_[1].
sub receive {
    my ($self) = @_;
    return sysread $self->{socket}, $_[1], READ_BYTES, length $_[1] unless $self->{secure};
    my $before = length $_[1];
    my $got;
    do { $got = MonitoringSDK::Tls::read($self->{socket}, $_[1], READ_BYTES, length $_[1]) }
        while $got && length $_[1] < READ_BYTES && MonitoringSDK::Tls::has_more($self->{socket});
    my $all = length($_[1]) - $before;
    return $all > 0 ? $all : $got;
}

sub send {
    my ($self) = @_;
    return MonitoringSDK::Tls::write($self->{socket}, $_[1]) if $self->{secure};
    return CORE::send $self->{socket}, $_[1], NOSIGNAL if NOSIGNAL;
    local $SIG{PIPE} = 'IGNORE';
    return syswrite $self->{socket}, $_[1];
}

# After send or receive have returned undef: why, or undef if they only had to wait.
sub failure {
    my ($self) = @_;
    return if $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR;
    return 'connection lost: ' . ($self->{secure} ? MonitoringSDK::Tls::error() : "$!");
}

# After the hub has ended it.
sub farewell {
    my ($self) = @_;
    return join ': ', 'connection closed by the hub', $self->{secure} ? MonitoringSDK::Tls::last_words() : ();
}

sub wants_to_write { return $_[0]{state} eq 'connecting' }

# Taking it off sends what is held.
sub cork {
    my ($self, $on) = @_;
    return if !CORK || $on == $self->{corked} || !$self->_is_near;
    setsockopt $self->{socket}, IPPROTO_TCP, CORK, $on;
    $self->{corked} = $on;
    return;
}

# Whether the other side is a socket of this machine, over TCP.
sub _is_near {
    my ($self) = @_;
    return $self->{near} //= do {
        my ($own, $other) = map { $_ && sockaddr_family($_) == AF_INET ? (sockaddr_in($_))[1] : '' } getsockname $self->{socket}, getpeername $self->{socket};
        length $own && $own eq $other ? 1 : 0;
    };
}

sub _finish_connect {
    my ($self) = @_;
    my $ready = '';
    vec($ready, fileno $self->{socket}, 1) = 1;
    return unless select(undef, $ready, undef, 0) > 0;
    my $error = unpack 'i', getsockopt($self->{socket}, SOL_SOCKET, SO_ERROR);
    return $self->_connected unless $error;
    local $! = $error;
    return $self->_broken("cannot connect to $self->{options}{name}: $!");
}

sub _connected {
    my ($self) = @_;
    $self->{state} = 'up';
    my $tls = $self->{options}{tls_settings} or return $self;
    MonitoringSDK::Tls::begin($self->{socket}, $tls) or return $self->_broken('no TLS: ' . MonitoringSDK::Tls::error());
    @$self{qw(state secure)} = ('securing', 1);
    return $self;
}

sub _secure {
    my ($self) = @_;
    my $done = MonitoringSDK::Tls::handshake($self->{socket});
    return $self->_broken("no TLS with $self->{options}{name}: " . MonitoringSDK::Tls::error()) unless defined $done;
    $self->{state} = 'up' if $done;
    return;
}

sub _broken {
    my ($self, $why) = @_;
    @$self{qw(state why)} = ('broken', $why);
    return $self;
}

1;
