import type { FindingCode, FindingDetails } from '../document/finding.ts';

export type ReportScript = (
  code: FindingCode,
  pointer: string,
  message: string,
  details?: FindingDetails,
) => void;
