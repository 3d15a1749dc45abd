using System.Net;

namespace Tsunagi.Host.Resolver;

/// <summary>The resolvers of this machine, as resolv.conf(5) names them.</summary>
internal static class SystemDnsServers
{
    private const int MostServers = 3;

    public static IReadOnlyList<IPEndPoint> Read(string path = "/etc/resolv.conf")
    {
        try
        {
            return
            [
                .. File.ReadLines(path)
                    .Select(static line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                    .Where(static words => words is ["nameserver", _, ..] && IPAddress.TryParse(words[1], out _))
                    .Select(static words => new IPEndPoint(IPAddress.Parse(words[1]), 53))
                    .Take(MostServers),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
