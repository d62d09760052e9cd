package io.monitoringhub.sdk.internal;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A file of /proc. */
public final class ProcFile {

    private ProcFile() {
    }

    /**
     * All of it; empty where it is not there or can't be read. Not through a channel: an interrupted thread of the application would close it.
     *
     * @param path of the file
     * @return its text
     */
    public static String text(String path) {
        byte[] block = new byte[4_096];
        int length = 0;
        try (FileInputStream in = new FileInputStream(path)) {
            for (int got = in.read(block, 0, block.length); got > 0; got = in.read(block, length, block.length - length)) {
                length += got;
                block = length == block.length ? Arrays.copyOf(block, length * 2) : block;
            }
        } catch (IOException notThere) {
            return "";
        }
        return new String(block, 0, length, StandardCharsets.US_ASCII);
    }
}
