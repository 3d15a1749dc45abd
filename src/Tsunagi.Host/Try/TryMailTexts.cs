using System.Globalization;
using System.Net;

namespace Tsunagi.Host.Try;

/// <summary>What `tsunagi try mail` says: where to look, how to sign in, how to have copies sent here, and how to take that out again.</summary>
internal static class TryMailTexts
{
    public static async Task WelcomeAsync(TextWriter output, TryMailSettings settings, string url, string user, string password)
    {
        var port = new Uri(url).Port;
        var here = settings.Listen.Address.Equals(IPAddress.Any) || settings.Listen.Address.Equals(IPAddress.IPv6Any) ? Dns.GetHostName() : settings.Listen.Address.ToString();
        var map = "{" + string.Create(CultureInfo.InvariantCulture, $"{settings.Domains[0]}=smtp:[{here}]:{settings.Listen.Port}") + "}";
        await output.WriteLineAsync(
            $"""

              Console   {url}/console/mail/messages
              Sign in   {user}   password {password}
            {(Environment.GetEnvironmentVariable("SSH_CONNECTION") is { Length: > 0 } ? $"  Over SSH  ssh -L {port}:127.0.0.1:{port} {Environment.UserName}@{Environment.MachineName}\n" : "")}
              Copies    to {settings.CopyAddress}, by SMTP at {settings.Listen}
              Would go  to {settings.NextHop}: each message's page shows what it would be told, and asks it when you press the button.
                        Nothing is delivered, nothing is bounced, and nothing is kept after Ctrl-C.

              How to copy your mail here. Take it out again before you end this: a server that cannot hand over a copy tells the sender so.

              Postfix   postconf -e 'transport_maps = inline:{map} '"$(postconf -h transport_maps)"
                        postconf -e 'always_bcc = {settings.CopyAddress}' && postfix reload
                out:    postconf -X always_bcc && postfix reload      (then the inline: part of transport_maps)
              Exchange  New-SendConnector -Name Tsunagi -AddressSpaces {settings.Domains[0]} -SmartHosts {here} -Port {settings.Listen.Port} -DNSRoutingEnabled $false
                        New-TransportRule -Name Tsunagi -BlindCopyTo {settings.CopyAddress}      (or New-JournalRule -JournalEmailAddress {settings.CopyAddress})
                out:    Remove-TransportRule Tsunagi; Remove-SendConnector Tsunagi
              Google    Admin console, Gmail, Hosts: add {here}:{settings.Listen.Port}; Routing: "also deliver to" {settings.CopyAddress} by that host.
                        It must reach this machine, and takes a domain of your own: --listen 0.0.0.0:{settings.Listen.Port} --domain copy.yourdomain
                out:    remove the routing rule, then the host
              By hand   swaks --server {settings.Listen} --to {settings.CopyAddress}

              What comes is listed here; Ctrl-C ends it.

            """);
        await output.FlushAsync();
    }

    public static Task GoodbyeAsync(TextWriter output, TryMailSettings settings) => output.WriteLineAsync(
        $"ended. Is the copying taken out of your server? Copies to {settings.CopyAddress} that wait in its queue are bounced to their senders in the end");
}
