using Tsunagi.Core.Logs;

namespace Tsunagi.Mail.Spool;

/// <summary>A message the spool held when the program started, with its last attempt if there was one.</summary>
internal sealed record RecoveredMessage(SpoolId Id, AcceptFacts Facts, AttemptFacts? Last);

/// <summary>Everything a spool held when it was opened again, oldest first.</summary>
internal sealed class SpoolRecovery(IReadOnlyList<RecoveredMessage> messages) : EventArgs
{
    public IReadOnlyList<RecoveredMessage> Messages => messages;
}
