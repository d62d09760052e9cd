/** The backend of type {@code tally}: counts entries per source and type. An example to copy; start reading at {@link com.example.tally.TallyBackend}. */
package com.example.tally;
