using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail signing: the keys that outgoing mail is signed with.</summary>
internal static class SigningVerbs
{
    private const string Api = "/api/v1/mail/signing-keys";
    private static readonly VerbParameter Domain = new("DOMAIN", "the domain", Required: true);

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("signing list", "Signing keys of outgoing mail, and whether they are published", Api, [], "domain", "state", "algorithm", "name", "published", "found"),
        new("signing show", "A domain's signing keys, with the lines for its zone file", [Domain], ShowAsync),
        ApiVerb.Send("signing check", "Look for a domain's records in the DNS now", HttpMethod.Post, Api + "/{DOMAIN}/check", [Domain]),
        ApiVerb.Send("signing rotate", "Make a domain's next signing keys; they wait to be published", HttpMethod.Post, Api + "/{DOMAIN}/rotate", [Domain]),
    ];

    private static async Task<int> ShowAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var answer = await context.GetAsync($"{Api}/{context.Segment("DOMAIN")}", cancellationToken);
        var keys = (answer as JsonObject)?["keys"] as JsonArray ?? [];
        if (context.Json)
        {
            ApiVerb.PrintThing(context, answer);
            return 0;
        }

        ApiVerb.PrintRows(context, keys, "state", "algorithm", "name", "published", "found");
        foreach (var key in keys)
        {
            context.Say(key.Text("zoneLine"));
        }

        return 0;
    }
}
