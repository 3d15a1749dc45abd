using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Reports;

/// <summary>The messages of the spool that came for the address of reports; the intake takes them out.</summary>
internal sealed class ReportLine : SpoolLine;
