using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Mail.Teach;

namespace Tsunagi.Mail.Api;

/// <summary>What became of somebody's word about a message.</summary>
/// <param name="As">spam or not-spam.</param>
/// <param name="Changed">False when the same person had said the same before.</param>
/// <param name="Examples">Messages the tenant's own model is made from now.</param>
/// <param name="Limit">How many it may be: beyond them the oldest makes room.</param>
public sealed record TaughtView(string MessageId, string TenantId, string As, bool Changed, long Examples, int Limit)
{
    internal static TaughtView Of(Taught taught) => new(taught.MessageId, MessageView.TenantOf(taught.TenantPath), taught.IsSpam ? "spam" : "not-spam", taught.Changed, taught.Examples, taught.Most);
}

/// <summary>What a message is.</summary>
internal sealed record Teaching([property: Required, AllowedValues("spam", "not-spam"), Description("spam or not-spam; what the same person said before is replaced.")] string As);
