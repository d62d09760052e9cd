package io.monitoringhub.plugin.filesystem;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** A disk that becomes full, fails to force, or on which the process dies at a chosen step, in the middle of a write if that is the step. */
final class FaultyDisk extends Disk {

    /** Stands for kill -9: nothing is done any more. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    private final AtomicLong stepsToLive = new AtomicLong(Long.MAX_VALUE);
    private final AtomicLong room = new AtomicLong(Long.MAX_VALUE);
    private volatile boolean failsToForce;

    FaultyDisk() {
        super(true);
    }

    /** The process dies at this step from now: 0 is the next one. */
    void killAfter(long steps) {
        stepsToLive.set(steps);
    }

    void kill() {
        stepsToLive.set(0);
    }

    boolean isDead() {
        return stepsToLive.get() < 0;
    }

    /** So many bytes can be written; more is "no space left". */
    void room(long bytes) {
        room.set(bytes);
    }

    void failToForce(boolean fails) {
        failsToForce = fails;
    }

    private void step() {
        if (stepsToLive.getAndDecrement() <= 0) {
            stepsToLive.set(-1);
            throw new Killed();
        }
    }

    @Override
    FileChannel open(Path file, OpenOption... options) throws IOException {
        step();
        return new Channel(super.open(file, options));
    }

    @Override
    void force(FileChannel channel) throws IOException {
        step();
        if (failsToForce) {
            throw new IOException("Input/output error");
        }
    }

    @Override
    void forceFolder(Path folder) {
        step();
    }

    @Override
    void rename(Path from, Path to) throws IOException {
        step();
        super.rename(from, to);
    }

    @Override
    void delete(Path file) throws IOException {
        step();
        super.delete(file);
    }

    private final class Channel extends FileChannel {

        private final FileChannel file;

        private Channel(FileChannel file) {
            this.file = file;
        }

        @Override
        public int write(ByteBuffer bytes, long position) throws IOException {
            int limit = bytes.limit();
            if (stepsToLive.get() == 0) {
                bytes.limit(bytes.position() + bytes.remaining() / 2);
                file.write(bytes, position);
            }
            step();
            if (room.get() < bytes.remaining()) {
                bytes.limit(bytes.position() + (int) room.get());
                room.addAndGet(-file.write(bytes, position));
                bytes.limit(limit);
                if (room.get() == 0) {
                    throw new IOException("No space left on device");
                }
            }
            int written = file.write(bytes, position);
            room.addAndGet(-written);
            return written;
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            step();
            file.truncate(size);
            return this;
        }

        @Override
        public int read(ByteBuffer bytes) throws IOException {
            return file.read(bytes);
        }

        @Override
        public int read(ByteBuffer bytes, long position) throws IOException {
            return file.read(bytes, position);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public long position() throws IOException {
            return file.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            file.position(position);
            return this;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            int written = write(bytes, file.position());
            file.position(file.position() + written);
            return written;
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }

        @Override
        public long read(ByteBuffer[] buffers, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] buffers, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void force(boolean metaData) {
            throw new UnsupportedOperationException("files are forced through the disk");
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }
}
