using Tsunagi.Core.Logs;

namespace Tsunagi.Mail.Spool;

/// <summary>A message the spool held when the program started, with its last attempt if there was one.</summary>
internal sealed record RecoveredMessage(SpoolId Id, AcceptFacts Facts, AttemptFacts? Last);
