/** What is measured and where: the packaged hub as a process, its cost, the machine and its disk. */
package io.monitoringhub.benchmarks.hub;
