using System.Net;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Mail.Inbound;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail directory: the customers' directories that lists of recipients are read from.</summary>
internal static class DirectoryVerbs
{
    private const string Api = "/api/v1/mail/directories";
    private static readonly VerbParameter Subscription = new("SUBSCRIPTION", "the mail gateway (s_…)", Required: true);

    private static readonly VerbParameter[] Settings =
    [
        new("--url", "ldaps://HOST[:PORT], or ldap://HOST[:PORT], which turns to TLS"),
        new("--clear-text", "ldap:// is spoken in the clear, the password too", IsFlag: true),
        new("--bind-name", "name to sign in with (a DN, or user@domain)"),
        new("--base-dn", "where the search begins"),
        new("--filter", "which objects are recipients (RFC 4515)"),
        new("--address-attribute", "attribute with the mailbox's address (mail)"),
        new("--alias-attribute", "attribute with its other addresses (proxyAddresses); '' for none"),
        new("--group-attribute", "attribute with its groups (memberOf); '' for none"),
        new("--every-minutes", "minutes between two readings (15)", Value: VerbValue.Whole, Least: 5, Most: 24 * 60),
        new("--page-size", "objects asked for at once (500)", Value: VerbValue.Whole, Least: 1, Most: 10_000),
    ];

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List(
            "directory list", "The directories that lists of recipients are read from, and how their last reading went", Api, [], "subscription=subscriptionId", "directory=settings.url", "read=readAt", "problem", "since=problemAt", "asks"),
        ApiVerb.Show("directory show", "A subscription's directory", Api + "/{SUBSCRIPTION}", Subscription),
        new(
            "directory set", "Set a subscription's directory; what is not given stays as it is",
            [Subscription, .. Settings, new("--password", "of the name to sign in with"), new("--authority", "file with the certificate (PEM) of the authority that the directory's comes from")], SetAsync),
        ApiVerb.Send("directory test", "Read a directory and say what would change; nothing is changed", HttpMethod.Post, Api + "/{SUBSCRIPTION}/test", [Subscription]),
        new(
            "directory sync", "Read a directory now",
            [Subscription, new("--removes", "how many recipients go; needed when that is more than a tenth", Value: VerbValue.Whole, Least: 0, Most: RecipientListBook.MaxEntries)], SynchronizeAsync),
        ApiVerb.Send("directory remove", "Take a directory away; its list stays and is kept by hand", HttpMethod.Delete, Api + "/{SUBSCRIPTION}", [Subscription], "the list is kept by hand from now on"),
    ];

    private static async Task<int> SetAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var path = $"{Api}/{context.Segment("SUBSCRIPTION")}";
        var settings = await CurrentAsync(context, path, cancellationToken);
        foreach (var (member, value) in ApiVerb.Body(context, Settings).ToList())
        {
            settings[member] = value?.DeepClone();
        }

        if (context["--authority"] is { } file)
        {
            settings["authority"] = ValueFiles.Text(context, file);
        }

        var body = new JsonObject { ["settings"] = settings };
        if (context["--password"] is { } password)
        {
            body["password"] = password;
        }

        ApiVerb.PrintThing(context, await context.SendAsync(HttpMethod.Put, path, body, cancellationToken));
        return 0;
    }

    // What is set already; nothing where there is no directory yet.
    private static async Task<JsonObject> CurrentAsync(VerbContext context, string path, CancellationToken cancellationToken)
    {
        using var response = await context.Api.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        return response.StatusCode == HttpStatusCode.NotFound ? [] : (await context.ReadAsync(response, cancellationToken) as JsonObject)?["settings"]?.DeepClone() as JsonObject ?? [];
    }

    private static async Task<int> SynchronizeAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var path = ApiCalls.WithQuery($"{Api}/{context.Segment("SUBSCRIPTION")}/sync", [("removes", context["--removes"])]);
        ApiVerb.PrintThing(context, await context.SendAsync(HttpMethod.Post, path, null, cancellationToken));
        return 0;
    }
}
