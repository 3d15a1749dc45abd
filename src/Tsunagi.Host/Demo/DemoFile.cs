using System.Globalization;
using Tsunagi.Core.Apply;
using Tsunagi.Core.Configuration;
using Tsunagi.Mail.Contract;

namespace Tsunagi.Host.Demo;

/// <summary>
/// The demo's provider as a file says it: what the file names is what there is. Only the port of a next hop that somebody else has is replaced by a free
/// one, so the text kept here is the one that is applied.
/// </summary>
internal sealed class DemoFile
{
    /// <summary>Addresses that get mail at every domain, beside those of its contacts.</summary>
    private static readonly string[] CommonRecipients = ["info", "sales", "orders"];

    private readonly List<DemoCustomer> _customers = [];
    private readonly List<DemoUser> _users = [];
    private readonly List<string> _lines = [];

    private DemoFile(string text, ApplyDocument document)
    {
        Text = text;
        foreach (var tenant in document.Tenants)
        {
            Walk(tenant, null);
        }
    }

    /// <summary>samples/provider.yaml, which lies beside the program.</summary>
    public static string Sample { get; } = Path.Combine(AppContext.BaseDirectory, "samples", "provider.yaml");

    public string Text { get; }

    public IReadOnlyList<DemoCustomer> Customers => _customers;

    public IReadOnlyList<DemoUser> Users => _users;

    /// <summary>User names of its lines.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <param name="freePort">A free port: the one given, or another when somebody has it.</param>
    /// <exception cref="IOException">The file is not there, is wrong, or names no customer with mail.</exception>
    public static DemoFile Read(string path, Func<int, int> freePort)
    {
        var text = File.ReadAllText(path);
        var wanted = new DemoFile(text, Bind(path, text));
        foreach (var customer in wanted.Customers)
        {
            text = text.Replace(NextHopOf(customer.Port), NextHopOf(freePort(customer.Port)), StringComparison.Ordinal);
        }

        var file = new DemoFile(text, Bind(path, text));
        return file.Customers.Count >= 3 ? file : throw new IOException($"{path}: the demo needs three customers whose mail goes to 127.0.0.1");
    }

    private static ApplyDocument Bind(string path, string text)
    {
        var problems = new List<ConfigProblem>();
        var file = YamlFile.Read(path, text, out var problem);
        return (file is null ? null : StrictBinder.Bind<ApplyDocument>(file, file.Root, "$", problems)) ?? throw new IOException((problem ?? problems[0]).ToString());
    }

    private void Walk(ApplyTenant tenant, string? above)
    {
        _users.AddRange(tenant.Users.Select(user => new DemoUser(user.Email, tenant.Kind, tenant.Name)));
        foreach (var subscription in tenant.Subscriptions)
        {
            if ((string?)subscription.Settings["userName"] is { } userName)
            {
                _lines.Add(userName);
            }

            if (PortOf(subscription) is { } port && (string?)subscription.Settings["domains"]?[0] is { } domain && tenant.Users is [var user, ..])
            {
                var own = tenant.Contacts.Select(static contact => contact.Email).Where(email => email.EndsWith("@" + domain, StringComparison.Ordinal));
                var recipients = CommonRecipients.Select(local => $"{local}@{domain}").Concat(own).Distinct().ToList();
                _customers.Add(new DemoCustomer(tenant.Key, tenant.Name, above, user.Email, $"{tenant.Key}/{subscription.Key}", domain, port, recipients));
            }
        }

        foreach (var below in tenant.Tenants)
        {
            Walk(below, tenant.Name);
        }
    }

    private static int? PortOf(ApplySubscription subscription) =>
        (string?)subscription.Settings["nextHop"] is { } text && NextHop.TryParse(text, out var hop, out _) && text == NextHopOf(hop.Port) ? hop.Port : null;

    private static string NextHopOf(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
}
