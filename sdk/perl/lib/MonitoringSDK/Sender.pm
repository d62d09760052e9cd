package MonitoringSDK::Sender;

# Takes finished lines and gets them to the hub: the buffer in memory, its
# overflow into a spool file, and the spool files that earlier processes of this
# source have left. Those go over a connection of their own, as the clients that
# wrote them, so that a large backlog does not hold up what happens now.
#
# A signal handler of the application may log while one of these methods runs.
# {busy} tells; such a line waits in {late} until the outer call is done with it.
#
# Belongs to one process. After a fork the child makes a new one and forgets this
# one; nothing here acts when it is merely destroyed.

use 5.010;
use strict;
use warnings;
use MonitoringSDK::Random  ();
use MonitoringSDK::Session ();
use MonitoringSDK::Spool   ();

use constant AT_ONCE => 20;
use constant QUICK   => 0.2;     # of flush_interval between full batches

sub new {
    my ($class, $options, $stats) = @_;
    my $spool = $options->{spool}
        && MonitoringSDK::Spool->new(source => $options->{source}, dir => $options->{spool_dir}, max_bytes => $options->{spool_bytes});
    my $session = MonitoringSDK::Session->new(
        options => $options, stats => $stats, client => MonitoringSDK::Random::uuid(), first => 1);
    return bless { options => $options, stats => $stats, spool => $spool, session => $session,
        waiting => 0, asked_at => 0, full_at => 0, is_quick => 0, credit => 0, look_for_files => 1, overflow => 0, busy => 0, late => [] }, $class;
}

sub add {
    my ($self, $line, $now) = @_;
    if ($self->{busy}) { push @{ $self->{late} }, $line; return }
    local $self->{busy} = 1;
    $self->_keep($line);
    $self->_step if $self->_is_due(length $line, $now);
    $self->_keep_late if @{ $self->{late} };
    return;
}

# Whether it is time to write. A few messages in a row go out at once, each of
# them, so that what an application says before it falls silent is seen: nothing
# wakes us later. Only who goes on like that is written in batches. Those may be
# held by the kernel; not one that ends a silence, nor full ones that follow each
# other so quickly that the buffer would fill up before the acks.
sub _is_due {
    my ($self, $bytes, $now) = @_;
    my $since = $now - $self->{asked_at};
    $since = 0 if $since < 0;                      # somebody has set the clock back
    $self->{asked_at} = $now;
    $self->{credit} += $since / $self->{options}{flush_interval};
    $self->{credit} = AT_ONCE if $self->{credit} > AT_ONCE;
    $self->{waiting} += $bytes;
    my $is_full = $self->{credit} < 1;
    if    (!$is_full)                                              { $self->{credit}-- }
    elsif ($self->{waiting} < $self->{options}{flush_bytes})       { return 0 }
    my $follows = $now - $self->{full_at} < $self->{options}{flush_interval} * QUICK;
    $self->{is_quick} = $follows && ($is_full || $self->{is_quick});
    $self->{full_at}  = $now if $is_full;
    $self->_hold($self->{credit} < 1 && $since < $self->{options}{flush_interval} && !$self->{is_quick});
    return 1;
}

sub _hold {
    my ($self, $hold) = @_;
    $_->{hold} = $hold for grep { $_ } $self->{session}, $self->{old};
    return;
}

sub _keep_late {
    my ($self) = @_;
    while (defined(my $line = shift @{ $self->{late} })) { $self->_keep($line) }
    return;
}

# Into memory as long as that keeps the order, else to the end of the spool file.
sub _keep {
    my ($self, $line) = @_;
    my $session = $self->{session};
    if (!$session->{file}) {
        $session->step if @{ $session->{queue} } >= $self->{options}{buffer};
        if (@{ $session->{queue} } < $self->{options}{buffer}) {
            push @{ $session->{queue} }, $line;
            $self->{overflow} = 0;
            return;
        }
    }
    $self->{overflow} = 1;
    if ($self->{spool}) {
        my $file = $session->{file} //= $self->{spool}->create($session->{client}, $session->next_number);
        if ($file && $file->append($line)) { $self->{stats}{spooled}++; return }
        $self->{stats}{last_error} = $file ? 'the spool is full' : "cannot write to the spool folder $self->{spool}{dir}: $!";
    }
    $self->{stats}{dropped}++;
    return;
}

sub _step {
    my ($self) = @_;
    $self->{waiting} = 0;
    my $session = $self->{session};
    $self->_step_session;
    $self->_send_old_files if $session->{mode} && $self->{spool};
    return;
}

# A new connection is the occasion to look for files.
sub _step_session {
    my ($self, $connect_now) = @_;
    my $connects = $self->{stats}{connects};
    $self->{session}->step($connect_now);
    $self->{look_for_files} = 1 if $connects != $self->{stats}{connects};
    return;
}

sub state {
    my ($self) = @_;
    return 'overflow' if $self->{overflow} && ($self->{session}{file} || !$self->{spool});
    return $self->{session}{state} eq 'up' ? 'connected' : 'disconnected';
}

sub _send_old_files {
    my ($self, $connect_now) = @_;
    if (my $old = $self->{old}) {
        $old->step($connect_now);
        return unless $old->{over} || $old->is_empty;
        $old->hang_up;
        if ($old->is_empty) {
            $old->{file}->remove if $old->{file};
            $self->{stats}{spool_files_sent}++;
        }
        else {
            $self->{left}{ $old->{client} } = 1;    # somebody else is sending it
            $old->{file}->release;
        }
        delete $self->{old};
        $self->{look_for_files} = 1;
    }
    return unless $self->{look_for_files};
    my ($file, $busy) = $self->{spool}->claim($self->{session}{client}, $self->{left});
    $self->{look_for_files} = $busy;
    return unless $file;
    $self->{old} = MonitoringSDK::Session->new(
        options => $self->{options}, stats => $self->{stats}, client => $file->{client}, first => $file->{first}, file => $file,
        welcomed => $self->{session}{welcomed});
    $self->{old}->step;
    return;
}

# Waits until everything is with the hub, at most $timeout seconds, and no longer
# than there is a hub: after a refused connection waiting has no use.
sub flush {
    my ($self, $timeout, $old_files_too) = @_;
    return 0 if $self->{busy};
    local $self->{busy} = 1;
    my $deadline = MonitoringSDK::Session::monotonic() + $timeout;
    my ($session, $tries) = ($self->{session}, 0);
    while (1) {
        $self->_keep_late;
        $self->_hold(0);
        my $fresh_try = $session->{state} eq 'down' && $tries++ == 0 && $timeout > 0;
        $self->_step_session($fresh_try);
        $self->_send_old_files($fresh_try) if $session->{mode} && $self->{spool};
        my $old_files = $old_files_too && $session->{mode} && $self->{spool} && ($self->{look_for_files} || $self->{old});
        return 1 if $session->is_empty && !$old_files;
        my $left = $deadline - MonitoringSDK::Session::monotonic();
        if ($left <= 0 || $session->{state} eq 'down') {
            next if $left > 0 && $tries == 0;
            return $session->is_empty ? 1 : 0;
        }
        _wait_for([ grep { $_ } $session, $self->{old} ], $left < 0.05 ? $left : 0.05);
    }
}

sub _wait_for {
    my ($sessions, $timeout) = @_;
    my ($readable, $writable) = ('', '');
    for my $session (grep { $_->{connection} } @$sessions) {
        my $number = fileno $session->{connection}{socket};
        vec($readable, $number, 1) = 1;
        vec($writable, $number, 1) = 1 if $session->wants_to_write;
    }
    return select $readable, $writable, undef, $timeout;
}

sub _say {
    my ($self, $goodbye) = @_;
    my $session = $self->{session};
    return 0 if $session->{state} ne 'up' || $session->{file} || $session->next_number <= 1;
    push @{ $session->{queue} }, $goodbye;
    return 1;
}

# Says goodbye and leaves what the hub does not have in the spool folder. A signal
# handler may do this in the middle of another call, and then exit: the session
# starts a new connection if that call was busy with the old one.
sub close {
    my ($self, $timeout, $goodbye) = @_;
    my $session = $self->{session};
    $_->{busy} = 0 for grep { $_ } $self, $session, $self->{old};
    $self->_keep_late;
    my $deadline = MonitoringSDK::Session::monotonic() + $timeout;
    my $said = $self->_say($goodbye);
    $self->flush($timeout, 1);
    # Only now, if there was no connection before, or a spool file stood before it.
    my $left = $deadline - MonitoringSDK::Session::monotonic();
    $self->flush($left, 1) if !$said && $left > 0 && $session->is_empty && $self->_say($goodbye);
    pop @{ $session->{queue} } if @{ $session->{queue} } && !$session->{file} && $session->{queue}[-1] eq $goodbye;
    if (!$session->is_empty) {
        my $left = $session->next_number - $session->{first};
        my $kept = $self->{spool}
            ? $self->{spool}->seal($session->{client}, $session->{first}, $session->{queue}, $session->{file}) : 0;
        $self->{stats}{left_in_spool} += $kept;
        $self->{stats}{dropped} += $left - $kept if $kept < $left;
    }
    elsif ($session->{file}) { $session->{file}->remove }
    if (my $old = delete $self->{old}) { $old->{file}->release if $old->{file} }
    $session->hang_up;
    $session->{state} = 'down';
    return;
}

1;
