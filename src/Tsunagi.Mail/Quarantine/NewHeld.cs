using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Quarantine;

/// <summary>A message whose file is written, to be entered in the book: one row for each of its recipients.</summary>
/// <param name="FromText">The From field as people read it.</param>
/// <param name="ExpiresMicros">When its days are over.</param>
internal sealed record NewHeld(string MessageId, AcceptFacts Facts, string FromText, long ExpiresMicros);
