using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace Tsunagi.Host.Demo;

/// <summary>
/// Five steps through the provider, each of which does something, says where to look, and checks itself through the API. A step returns its findings;
/// one that does not hold says so.
/// </summary>
internal sealed class DemoTour(DemoServer server, DemoWorld world, DemoTraffic traffic, IReadOnlyList<DemoCustomer> customers, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan SearchBar = TimeSpan.FromMilliseconds(300);

    public static readonly IReadOnlyList<string> Titles =
    [
        "search a recipient as support would: where is the mail, and why",
        "stop a customer's mail server: queue, notice, what next",
        "kill -9 the program and start it again: the counts are equal",
        "sign in as the customer: own data only, and the operator's look is logged",
        "correct a usage record: preview and audit change",
    ];

    public async Task<TourStep> RunAsync(int step, CancellationToken cancellationToken)
    {
        using var api = new DemoApi(server.Url);
        await api.SignInAsync(DemoWorld.OperatorEmail, world.Password, cancellationToken);
        var result = new TourStep(step, Titles[step - 1]);
        try
        {
            await (step switch
            {
                1 => SearchAsync(api, result, cancellationToken),
                2 => StopReceiverAsync(api, result, cancellationToken),
                3 => KillAsync(result, cancellationToken),
                4 => SignInAsCustomerAsync(api, result, cancellationToken),
                _ => CorrectUsageAsync(api, result, cancellationToken),
            });
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            result.Check(false, e.Message);
        }

        return result;
    }

    private async Task SearchAsync(DemoApi api, TourStep step, CancellationToken cancellationToken)
    {
        var recipient = customers[0].Recipients[0];
        var (hit, took) = await UntilAsync(
            async () =>
            {
                var started = Stopwatch.GetTimestamp();
                var items = (JsonArray)(await api.GetAsync("/search?q=" + Uri.EscapeDataString(recipient), cancellationToken))["items"]!;
                return (Hit: items.FirstOrDefault(static item => (string?)item!["kind"] == "message"), Took: Stopwatch.GetElapsedTime(started));
            },
            static found => found.Hit is not null, $"no message to {recipient} was found", cancellationToken);
        // The first search of a process also compiles it; support searches all day.
        for (var again = 0; again < 3 && took > SearchBar; again++)
        {
            var started = Stopwatch.GetTimestamp();
            await api.GetAsync("/search?q=" + Uri.EscapeDataString(recipient), cancellationToken);
            took = Stopwatch.GetElapsedTime(started);
        }

        var id = (string)hit!["id"]!;
        var trace = await api.GetAsync("/mail/messages/" + id, cancellationToken);
        step.Look($"{server.Url}/console/search?q={Uri.EscapeDataString(recipient)}");
        step.Look($"{server.Url}/console/mail/messages/{id}");
        step.Check(took < SearchBar, $"{recipient} was found in {took.TotalMilliseconds:0} ms (bar: {SearchBar.TotalMilliseconds:0} ms)");
        step.Check(trace["why"] is not null, $"the page says why: {trace["why"]}");
    }

    private async Task StopReceiverAsync(DemoApi api, TourStep step, CancellationToken cancellationToken)
    {
        var customer = customers[0];
        var nextHop = $"127.0.0.1:{customer.Receiver.Port}";
        await traffic.StopAsync(customer);
        step.Look($"{server.Url}/console/mail/queue");
        try
        {
            var waiting = await UntilAsync(
                async () => (JsonArray)(await api.GetAsync("/mail/messages?state=deferred&limit=1", cancellationToken))["items"]!,
                static items => items.Count > 0, "nothing was deferred", cancellationToken);
            var trace = await api.GetAsync("/mail/messages/" + waiting[0]!["id"], cancellationToken);
            step.Check(true, $"mail waits: {trace["why"]}");
            step.Check(trace["next"] is not null, $"and what next: {trace["next"]}");
            var events = await UntilAsync(
                async () => (JsonArray)(await api.GetAsync("/events?type=mail.message.deferred@1&limit=1", cancellationToken))["items"]!,
                static items => items.Count > 0, "no event tells of it", cancellationToken);
            step.Check(true, $"an event tells it: {server.Url}/console/events/{events[0]!["id"]}");
        }
        finally
        {
            traffic.Start(customer);
        }

        await api.PostAsync($"/mail/next-hops/{Uri.EscapeDataString(nextHop)}/retry", new { }, cancellationToken);
        await UntilAsync(() => Task.FromResult(traffic.Outstanding), static left => left <= 3, "the queue did not drain after the server came back", cancellationToken);
        step.Check(true, "the server is back and the queue has drained");
    }

    private async Task KillAsync(TourStep step, CancellationToken cancellationToken)
    {
        var before = server.ProcessId;
        await server.KillAsync(cancellationToken);
        step.Check(true, $"process {before} was killed with SIGKILL");
        await server.StartAsync(cancellationToken);
        step.Check(true, $"process {server.ProcessId} runs");
        using var pause = traffic.Pause();
        await UntilAsync(
            () => Task.FromResult(traffic.Outstanding), static left => left == 0, $"{traffic.Outstanding} acknowledged mails have not arrived", cancellationToken);
        step.Check(
            traffic.Outstanding == 0,
            $"{traffic.Acknowledged} acknowledged, {traffic.Acknowledged - traffic.Outstanding} arrived, {traffic.Duplicates} twice (SMTP's own window between the next hop's 250 and our note of it)");
    }

    private async Task SignInAsCustomerAsync(DemoApi api, TourStep step, CancellationToken cancellationToken)
    {
        var (own, other) = (customers[1], customers[2]);
        using var customer = new DemoApi(server.Url);
        await customer.SignInAsync(own.User, world.Password, cancellationToken);
        step.Look($"{server.Url}/console  (as {own.User})");
        var mine = (JsonArray)(await customer.GetAsync("/mail/messages?limit=200", cancellationToken))["items"]!;
        step.Check(
            mine.Count > 0 && mine.All(message => (string?)message!["tenantId"] == world.TenantOf(own)), $"{mine.Count} messages are listed, all of them its own");
        var foreign = (JsonArray)(await api.GetAsync($"/mail/messages?text={Uri.EscapeDataString(other.Recipients[0])}&limit=1", cancellationToken))["items"]!;
        if (foreign.Count > 0)
        {
            var status = await customer.StatusAsync("/mail/messages/" + foreign[0]!["id"], cancellationToken);
            step.Check(status == HttpStatusCode.NotFound, $"the other customer's message is {(int)status} to it");
        }

        await api.GetAsync("/mail/messages/" + mine[0]!["id"], cancellationToken);
        var logged = (JsonArray)(await customer.GetAsync($"/audit?subject={mine[0]!["id"]}", cancellationToken))["items"]!;
        step.Check(logged.Count > 0, $"an operator looked at one of them, and the customer sees it: {logged.FirstOrDefault()?["act"]} by {logged.FirstOrDefault()?["actorName"]}");
    }

    private async Task CorrectUsageAsync(DemoApi api, TourStep step, CancellationToken cancellationToken)
    {
        var customer = customers[0];
        var path = $"/tenants/{world.TenantOf(customer)}/invoice-preview";
        var before = await api.GetAsync(path, cancellationToken);
        var now = time.GetUtcNow();
        await api.PostAsync(
            "/usage",
            new
            {
                subscriptionId = world.SubscriptionOf(customer), meter = "mail.messages", at = now, quantity = 1_000,
                foreignKey = "demo-" + now.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture), reason = "a node's count was lost and is added by hand",
            },
            cancellationToken);
        var after = await api.GetAsync(path, cancellationToken);
        step.Look($"{server.Url}/console/tenants/{world.TenantOf(customer)}/invoice");
        step.Check((long)after["totalMinor"]! > (long)before["totalMinor"]!, $"the preview went from {before["total"]} to {after["total"]}");
        var audit = (JsonArray)(await api.GetAsync($"/audit?act=usage.recorded&subject={world.SubscriptionOf(customer)}", cancellationToken))["items"]!;
        step.Check(audit.Count > 0, $"the audit has it: \"{audit.FirstOrDefault()?["reason"]}\"");
        var verified = await api.PostAsync("/audit/verify", new { }, cancellationToken);
        step.Check(verified["broken"] is null or JsonArray { Count: 0 }, "the audit's chain is whole");
    }

    private async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> holds, string otherwise, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (holds(value))
            {
                return value;
            }

            if (time.GetElapsedTime(started) > (patience ?? Patience))
            {
                throw new TimeoutException(otherwise);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken);
        }
    }
}

/// <summary>What a step of the tour found.</summary>
internal sealed class TourStep(int number, string title)
{
    private readonly List<(bool Holds, string Text)> _checks = [];
    private readonly List<string> _looks = [];

    public int Number => number;

    public string Title => title;

    public bool Holds => _checks.Count > 0 && _checks.All(static check => check.Holds);

    public IReadOnlyList<(bool Holds, string Text)> Checks => _checks;

    /// <summary>Pages worth opening.</summary>
    public IReadOnlyList<string> Looks => _looks;

    public void Check(bool holds, string text) => _checks.Add((holds, text));

    public void Look(string page) => _looks.Add(page);
}
