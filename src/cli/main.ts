#!/usr/bin/env node
import { startCommand } from './start.ts';

await startCommand();
