namespace Tsunagi.Mail.Quarantine;

/// <summary>What held mail is asked for.</summary>
/// <param name="Text">Words that must all be there, in any field; empty for all.</param>
/// <param name="Recipient">A whole address, or a domain.</param>
/// <param name="Sender">A whole address, or a domain; of the envelope or of the From field.</param>
/// <param name="Subject">Words of the subject.</param>
/// <param name="State">One of <see cref="HeldState.All"/>, or empty.</param>
/// <param name="Class">One of the classes, or empty.</param>
/// <param name="Before">Only rows below this number; <see cref="long.MaxValue"/> for the newest.</param>
public sealed record HeldFilter(string Text, string Recipient, string Sender, string Subject, string State, string Class, long FromMicros, long ToMicros, long Before)
{
    public static readonly HeldFilter Newest = new("", "", "", "", "", "", 0, long.MaxValue, long.MaxValue);
}
