using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Quarantine;

/// <summary>The messages of the spool that wait to be held; the keeper takes them out.</summary>
internal sealed class HoldLine : SpoolLine;
