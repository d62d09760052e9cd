/** What arrived: finds a backend's files, awaits them, and checks every line in them. */
package io.monitoringhub.benchmarks.verify;
