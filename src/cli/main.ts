#!/usr/bin/env node
import { createProgram } from './program.ts';

/** 0 done, 1 bad file or failed start, 2 bad usage. */
process.exitCode = await createProgram().run(process.argv.slice(2));
