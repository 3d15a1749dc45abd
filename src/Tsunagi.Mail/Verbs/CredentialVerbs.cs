using Tsunagi.Core.Verbs;
using Tsunagi.Mail.Limits;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail credential: by what devices and users hand mail in.</summary>
internal static class CredentialVerbs
{
    private const string Api = "/api/v1/mail/credentials";
    private static readonly VerbParameter Credential = new("CREDENTIAL", "its id (mc_…)", Required: true);
    private static readonly VerbParameter Secret = new("--secret", "in clear; made and shown once without it");

    private static VerbParameter Limit(string name) => new(name, "0 for no limit", Value: VerbValue.Whole, Least: 0, Most: SendingLimit.Most);

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List(
            "credential list", "Credentials of devices and users that hand mail in", Api, [new("--subscription", "of one subscription (s_…)"), new("--text", "a name or a label, whole")],
            "id", "name=userName", "label", "senders", "used=lastUsedAt", "from=lastUsedFrom", "paused=pausedAt", "revoked=revokedAt"),
        ApiVerb.Show("credential show", "One credential", Api + "/{CREDENTIAL}", Credential),
        ApiVerb.Send(
            "credential add", "Make a credential; a secret that is made is shown once", HttpMethod.Post, Api,
            [
                new("--subscription-id", "the mail gateway (s_…)", Required: true), new("--user-name", "what the device gives as its name: NAME@DOMAIN", Required: true),
                new("--label", "what people call the device"), new("--senders", "an address it may send as, or a domain for all of it; may be given several times (its name)", Many: true), Secret,
            ]),
        ApiVerb.Send(
            "credential senders", "Say anew whom a credential may send as", HttpMethod.Put, Api + "/{CREDENTIAL}/senders",
            [Credential, new("--senders", "an address, or a domain for all of it; may be given several times", Required: true, Many: true)]),
        ApiVerb.Send("credential secret", "Give a credential another secret; the one before is good for nothing at once", HttpMethod.Put, Api + "/{CREDENTIAL}/secret", [Credential, Secret]),
        ApiVerb.Send(
            "credential limits", "Say what a credential alone may send; what is left out is as for all devices of the tenant", HttpMethod.Put, Api + "/{CREDENTIAL}/limits",
            [Credential, Limit("--messages-per-hour"), Limit("--messages-per-day"), Limit("--recipients-per-hour"), Limit("--recipients-per-day")]),
        ApiVerb.Send("credential resume", "Let a credential that was paused send again", HttpMethod.Post, Api + "/{CREDENTIAL}/resume", [Credential]),
        ApiVerb.Send("credential revoke", "Revoke a credential; sessions that stand on it end", HttpMethod.Delete, Api + "/{CREDENTIAL}", [Credential], "nobody hands mail in by it any more"),
    ];
}
