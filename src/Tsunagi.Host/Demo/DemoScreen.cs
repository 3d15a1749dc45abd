using System.Globalization;

namespace Tsunagi.Host.Demo;

/// <summary>What the demo says in the terminal: who can sign in where, a live line, and what the tour finds. Plain lines when it is no terminal.</summary>
internal sealed class DemoScreen(DemoServer server, DemoWorld world, DemoTraffic traffic, DemoFile file, string applied, TextWriter output)
{
    private readonly bool _live = !System.Console.IsOutputRedirected;
    private readonly Lock _lock = new();
    private bool _lineOpen;
    private int _busy;

    public bool IsBusy => Volatile.Read(ref _busy) > 0;

    public void Welcome()
    {
        Line("");
        Line($"  Console   {server.Url}/console");
        Line($"  Operator  {DemoWorld.OperatorEmail}   password {world.Password}");
        foreach (var user in file.Users)
        {
            var seller = file.Customers.FirstOrDefault(customer => customer.Name == user.Tenant)?.Seller;
            Line($"  {char.ToUpperInvariant(user.Kind[0])}{user.Kind[1..],-8} {user.Email}   same password   ({user.Tenant}{(seller is null ? "" : ", sold by " + seller)})");
        }

        Line($"  Billing   {DemoWorld.BillingEmail}   same password   (releases invoice runs: {server.Url}/console/backoffice)");
        if (Environment.GetEnvironmentVariable("SSH_CONNECTION") is { Length: > 0 })
        {
            var port = new Uri(server.Url).Port;
            Line($"  Over SSH  ssh -L {port}:127.0.0.1:{port} {Environment.UserName}@{Environment.MachineName}");
        }

        Line($"  SMTP      127.0.0.1:{server.SmtpPort}   everything stays on loopback");
        Line($"  Filter    taught by the demo's own samples; phishing, spam and a test virus for {DemoShow.Desk}: {server.Url}/console/mail/quarantine");
        Line($"  Outbound  {DemoShow.Sender} sends at 127.0.0.1:{server.SubmissionPort} after AUTH; it waits and can be taken back: {server.Url}/console/mail/pending");
        Line($"  RADIUS    127.0.0.1:{server.AuthenticatePort}, accounting {server.AccountPort}   {file.Lines.Count} lines with sessions: {server.Url}/console/connectivity");
        Line($"  Routers   TR-069 at 127.0.0.1:{server.AcsPort}, ARMS at {server.ArmsPort}   {DemoRouters.Sites} sites come alive: {server.Url}/console/routers/devices");
        Line($"  DDoS      flows at 127.0.0.1:{server.FlowPort}, rules to a router in this process; \"attack\" replays one: {server.Url}/console/ddos/incidents");
        Line($"  Provider  {applied}   change it, then: ./tsunagi apply -f {applied} --data {server.DataDirectory}");
        Line("");
        Line("  The tour: type a number, or \"all\"; \"q\" or Ctrl-C ends the demo.");
        Line("  By hand: stop, start (a customer's mail server), kill (the program), pause, resume (the mail), attack, calm (a customer's network)");
        for (var i = 0; i < DemoTour.Titles.Count; i++)
        {
            Line($"    {i + 1}  {DemoTour.Titles[i]}");
        }

        Line("");
    }

    public void Summary()
    {
        if (!_live || IsBusy)
        {
            return;
        }

        lock (_lock)
        {
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"  {traffic.Acknowledged:N0} accepted · {traffic.Arrived:N0} delivered · {traffic.Outstanding:N0} on the way · {traffic.Refused:N0} refused{(server.IsRunning ? "" : " · program is down")}");
            output.Write("\r" + text.PadRight(78) + " > ");
            output.Flush();
            _lineOpen = true;
        }
    }

    public void Show(TourStep step)
    {
        Line($"  {(step.Holds ? "✓" : "✗")} {step.Number}  {step.Title}");
        foreach (var (holds, text) in step.Checks)
        {
            Line($"      {(holds ? "✓" : "✗")} {text}");
        }

        foreach (var page in step.Looks)
        {
            Line($"      look: {page}");
        }
    }

    public void Unknown(string line) => Line($"  \"{line}\" is no step: 1 to {DemoTour.Titles.Count}, all; stop or start ({string.Join(", ", file.Customers.Select(static customer => customer.Key))}), kill, pause, resume, attack, calm; or q");

    public void Restarting() => Line("  the program was ended by someone; starting it again ...");

    public void Restarted() => Line($"  process {server.ProcessId} runs");

    public void NotRestarted(string why) => Line($"  it does not start, and is tried again: {why}");

    public void Killing(int process) => Line($"  process {process} gets SIGKILL");

    public void Switched(DemoCustomer customer, bool on) => Line(
        on ? $"  the mail server of {customer.Name} is back" : $"  the mail server of {customer.Name} is away; look: {server.Url}/console/mail/queue; \"start {customer.Key}\" brings it back");

    public void Counts() => Line(string.Create(
        CultureInfo.InvariantCulture,
        $"  paused: {traffic.Acknowledged} acknowledged, {traffic.Acknowledged - traffic.Outstanding} arrived, {traffic.Duplicates} twice; \"resume\" goes on"));

    public void Resumed() => Line("  mail flows");

    /// <summary>A rule goes out by itself only when it is known what else it would touch.</summary>
    public void Learning(TimeSpan left)
    {
        if (left > TimeSpan.Zero)
        {
            Line(string.Create(CultureInfo.InvariantCulture, $"  the everyday traffic of {DemoDefence.Network} is being learned: the attack begins in {Math.Ceiling(left.TotalSeconds):0} s"));
        }
    }

    public void Attacked() => Line(string.Create(
        CultureInfo.InvariantCulture,
        $"  an attack goes to {DemoDefence.Target}, for {DemoDefence.AtMost.TotalSeconds:0} s or until \"calm\"; look: {server.Url}/console/ddos/incidents, and its rule: {server.Url}/console/ddos/mitigations"));

    public void Calm() => Line("  the attack is over; its rule is lifted in a few seconds");

    /// <summary>While a step runs, the live line rests.</summary>
    public IDisposable Busy(int step)
    {
        Interlocked.Increment(ref _busy);
        Line($"  step {step} ...");
        return new Rest(this);
    }

    private void Line(string text)
    {
        lock (_lock)
        {
            if (_lineOpen)
            {
                output.WriteLine();
                _lineOpen = false;
            }

            output.WriteLine(text);
            output.Flush();
        }
    }

    private sealed class Rest(DemoScreen screen) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref screen._busy);
    }
}
