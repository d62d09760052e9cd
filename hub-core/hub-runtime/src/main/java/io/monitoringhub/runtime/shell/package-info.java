/**
 * The shell of the running hub: Gogo commands over a Unix socket that only the hub's own user can reach.
 *
 * <h2>Protocol</h2>
 * The client sends one command per line, UTF-8. Each answer line begins with one character: a space before output, {@code !} before
 * what belongs on an error stream, {@code =} before the exit status, which ends the answer. {@code socat - UNIX-CONNECT:run/hub.sock}
 * is a usable client. {@code #terminal 80 colour} says that answers go to a terminal of so many columns.
 * {@code call}, a command, words and a dot, with U+001F between them, is a command whose words are taken as they are.
 *
 * <h2>What surprises in Gogo</h2>
 * <ul>
 * <li>It expands globs against the working folder: quote filters and patterns, {@code scr:list '(x=*)'}.
 * <li>{@code $}, {@code {}}, {@code ()} and {@code []} mean something: quote what is meant literally.
 * <li>Bundle ids as arguments ({@code headers 7}) and {@code grep} come with the bundle gogo.shell, although its shell is never started.
 * </ul>
 */
package io.monitoringhub.runtime.shell;
