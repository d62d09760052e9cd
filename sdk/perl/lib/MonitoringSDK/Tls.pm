package MonitoringSDK::Tls;

# TLS for a connected socket that does not block, by IO::Socket::SSL. That is no
# core module, so it is loaded only where TLS is asked for, and its absence is an
# error that can be read, not one that is thrown.
#
# A hub that can't be trusted is sent nothing: there is no way to leave out the
# check of its certificate, and none back to a connection without TLS.

use 5.010;
use strict;
use warnings;
use Errno qw(EAGAIN EINTR);
use Scalar::Util ();

# The settings of all connections, or undef and why there can't be any.
sub settings {
    my ($o) = @_;
    local $@;
    eval { require IO::Socket::SSL; 1 } or return (undef, 'tls needs the Perl module IO::Socket::SSL, which cannot be loaded'
        . ' (Debian: apt-get install libio-socket-ssl-perl)');
    for my $name (grep { defined $o->{$_} } qw(tls_ca tls_cert tls_key)) {
        -f $o->{$name} && -r _ or return (undef, "$name: cannot read the file $o->{$name}: " . ($! || 'no file'));
    }
    return (undef, 'tls_cert and tls_key belong together: one of them is missing') if defined $o->{tls_cert} != defined $o->{tls_key};
    my %settings = (
        SSL_startHandshake  => 0,
        SSL_verify_mode     => IO::Socket::SSL::SSL_VERIFY_PEER(),
        SSL_verifycn_scheme => 'default',
        SSL_verifycn_name   => $o->{host},
        SSL_version         => 'SSLv23:!SSLv2:!SSLv3:!TLSv1:!TLSv1_1',
        SSL_hostname        => $o->{host} =~ /\A[0-9.]+\z/ ? '' : $o->{host},
        defined $o->{tls_ca}   ? (SSL_ca_file => $o->{tls_ca}) : (),
        defined $o->{tls_cert} ? (SSL_cert_file => $o->{tls_cert}, SSL_key_file => $o->{tls_key}) : (),
    );
    my $context = eval { IO::Socket::SSL::SSL_Context->new(%settings) }
        or return (undef, 'tls cannot be used: ' . ($IO::Socket::SSL::SSL_ERROR || $@));
    return ({ %settings, SSL_reuse_ctx => $context }, undef);
}

# Makes a socket one with TLS; undef if that is not possible.
sub begin {
    my ($socket, $settings) = @_;
    return IO::Socket::SSL->start_SSL($socket, %$settings);
}

# A step of the handshake: 1 it is done, 0 there is more to do, undef it has failed.
sub handshake {
    my ($socket) = @_;
    local $SIG{PIPE} = 'IGNORE';
    return 1 if $socket->connect_SSL;
    return _waits() ? 0 : undef;
}

# As sysread: undef and EAGAIN if there is nothing.
sub read {
    my ($socket, undef, $length, $offset) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $got = $socket->sysread($_[1], $length, $offset);
    $! = EAGAIN if !defined $got && _waits();
    return $got;
}

# As syswrite: undef and EAGAIN if nothing could be written.
sub write {
    my ($socket, $bytes) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $sent = $socket->syswrite($bytes);
    $! = EAGAIN if !defined $sent && _waits();
    return $sent;
}

# Whether there is something that select does not see.
sub has_more { return $_[0]->pending > 0 }

sub error { return "$IO::Socket::SSL::SSL_ERROR" || "$!" }

# Why a connection has ended, as far as the hub has said so: IO::Socket::SSL takes its
# alert for the end and leaves the words in OpenSSL's queue, where they would be
# found by the next connection.
sub last_words {
    my @words;
    while (my $code = Net::SSLeay::ERR_get_error()) { push @words, Net::SSLeay::ERR_error_string($code) }
    return grep { !/unexpected eof/ } @words;
}

sub end {
    my ($socket) = @_;
    # A failed handshake leaves a plain socket.
    return close $socket unless Scalar::Util::blessed($socket) && $socket->isa('IO::Socket::SSL');
    local $SIG{PIPE} = 'IGNORE';
    return $socket->close(SSL_fast_shutdown => 1);
}

sub _waits {
    my $error = 0 + ($IO::Socket::SSL::SSL_ERROR // 0);
    return $error == IO::Socket::SSL::SSL_WANT_READ() || $error == IO::Socket::SSL::SSL_WANT_WRITE() || $! == EINTR;
}

1;
