/** How the log touches the disk: a narrow port that tests can make fail, and the two patterns built on it (atomic file, folder lock). */
package io.monitoringhub.log.files;
