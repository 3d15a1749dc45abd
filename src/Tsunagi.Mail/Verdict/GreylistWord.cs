using System.Globalization;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Greylist;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Verdict;

/// <summary>
/// What the greylist says of a sender, as evidence for one recipient alone: (1) it is on, and acts; who is allowed here, or comes from within, is not asked; (2) a domain that proved itself and whose mail was taken here
/// before comes in at once; (3) so does a network that came again before; (4) who comes again is told to have done so; (5) who is new is put off.
/// </summary>
internal sealed class GreylistWord(GreylistBook book)
{
    public const string PutOff = "greylist.put-off";
    public const string Returned = "greylist.returned";

    public static readonly IReadOnlyList<EvidenceCode> Codes =
    [
        new(PutOff, new("Nobody at {0} had mail from {1} by this network before, so its sender was asked to come again.", "{0} 宛に、このネットワークから {1} のメールが届くのは初めてのため、再送を求めました。"),
            new("You are not known here yet. Your server tries again by itself, and is then let in.", "初めての送信元です。送信サーバーが自動的に再送すれば受け付けます。"), 0, PolicyAction.Defer, HoldClass.Policy) { MayDefer = true },
        new(Returned, new("It was put off first at {0}, and came again.", "{0} に再送を求め、再び届きました。"),
            new("It came again.", "再送されました。"), 0, PolicyAction.Accept, HoldClass.Policy) { IsNote = true },
    ];

    /// <summary>It is asked of senders that are not known: it is on, and acts, and the sender is not allowed here.</summary>
    public static bool Asks(EffectivePolicy policy, IReadOnlyList<Evidence> found) =>
        policy.Greylist && !policy.TagOnly && !policy.Shadow && !found.Any(static evidence => evidence.Code == SenderWord.Allowed);

    /// <summary>Null when it says nothing.</summary>
    /// <param name="origin">Null for a message whose client is not known or proved itself.</param>
    /// <param name="sender">The reverse-path, in lower case; empty for reports.</param>
    public Evidence? Of(EffectivePolicy policy, string tenantPath, string recipient, string sender, MessageOrigin? origin, IReadOnlyList<Evidence> found)
    {
        // (1)
        if (origin is null || !Asks(policy, found))
        {
            return null;
        }

        // (2)
        if (origin.Proved.Any(domain => book.Knows(GreylistKey.Proved(tenantPath, domain))))
        {
            return null;
        }

        // (3), (4), (5)
        var (standing, first) = book.Meet(TripletOf(tenantPath, recipient, sender, origin), tenantPath);
        return standing switch
        {
            GreylistStanding.Known => null,
            GreylistStanding.Returned => Evidence.Of(Returned, ("at", UnixMicros.ToDateTimeOffset(first).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture))),
            _ => Evidence.Of(PutOff, ("recipients", DomainOf(recipient)), ("sender", sender.Length > 0 ? DomainOf(sender) : "<>")),
        };
    }

    /// <summary>A message that was taken makes its sender known.</summary>
    public void Judged(EffectivePolicy policy, string tenantPath, string recipient, string sender, MessageOrigin? origin, PolicyAction action)
    {
        if (!policy.Greylist || origin is null || action > PolicyAction.Tag)
        {
            return;
        }

        book.Passed(TripletOf(tenantPath, recipient, sender, origin), tenantPath);
        foreach (var domain in origin.Proved)
        {
            book.Passed(GreylistKey.Proved(tenantPath, domain), tenantPath);
        }
    }

    private static string TripletOf(string tenantPath, string recipient, string sender, MessageOrigin origin) =>
        GreylistKey.Triplet(tenantPath, origin.Client, sender.Length > 0 ? DomainOf(sender) : "", DomainOf(recipient));

    private static string DomainOf(string address) => address[(address.LastIndexOf('@') + 1)..];
}
