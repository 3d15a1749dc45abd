using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Protocols.Cpe.Digest;

namespace Tsunagi.Routers.Simulate;

/// <summary>
/// An honest router: it calls, tells who it is and why, answers what it is asked by the standard, with faults where the standard has them, tests and restarts when it is
/// told to and says so in the session after. Whatever it was asked is kept in order.
/// </summary>
internal sealed class SimulatedRouter(SimulatedTree tree, string oui, string serial)
{
    private const int MostMessages = 10_000;
    private readonly List<InformEvent> _next = [];
    private readonly Lock _reasons = new();
    private int _calling;

    public SimulatedTree Tree => tree;

    public string Serial => serial;

    public string Oui => oui;

    public string ProductClass { get; init; } = "SimulatedRouter";

    public string ProvisioningCode { get; init; } = "";

    public string Username { get; init; } = "";

    public string Password { get; init; } = "";

    /// <summary>Methods that are answered with a fault of this code.</summary>
    public IReadOnlyDictionary<string, int> Faults { get; init; } = new Dictionary<string, int>();

    /// <summary>The methods it was asked, in order.</summary>
    public List<string> Asked { get; } = [];

    public string ConnectionRequestUrl { get; set; } = "";

    public long Sessions { get; private set; }

    public long Failed { get; private set; }

    public string Last { get; private set; } = "";

    /// <summary>Something that the next session is for.</summary>
    public void Because(string code, string key = "")
    {
        lock (_reasons)
        {
            _next.Add(new InformEvent(code, key));
        }
    }

    public bool HasReason
    {
        get
        {
            lock (_reasons)
            {
                return _next.Count > 0;
            }
        }
    }

    /// <summary>One session: (1) the Inform, with credentials where they are asked for, (2) an empty post, (3) answers until there is no more to answer. Sessions that it must hold at once follow.</summary>
    public async Task<bool> CallAsync(HttpClient http, Uri url, TimeProvider time, CancellationToken cancellationToken)
    {
        // One session at a time; what comes meanwhile is a reason for the next one.
        if (Interlocked.Exchange(ref _calling, 1) == 1)
        {
            return true;
        }

        try
        {
            do
            {
                if (!await SessionAsync(http, url, time, cancellationToken))
                {
                    Failed++;
                    return false;
                }

                Sessions++;
            }
            while (HasReason && !cancellationToken.IsCancellationRequested);

            return true;
        }
        catch (HttpRequestException away)
        {
            // The server is not there, or hung up: a session that failed like any other, tried again at the next turn.
            (Failed, Last) = (Failed + 1, away.Message);
            return false;
        }
        finally
        {
            Volatile.Write(ref _calling, 0);
        }
    }

    private async Task<bool> SessionAsync(HttpClient http, Uri url, TimeProvider time, CancellationToken cancellationToken)
    {
        List<InformEvent> events;
        lock (_reasons)
        {
            events = _next.Count > 0 ? [.. _next] : [new InformEvent("2 PERIODIC")];
        }

        string? cookie = null, authorization = null;
        var body = CwmpWriter.Write(new CwmpEnvelope { Version = CwmpVersion.Cwmp12, Id = "1", Message = Inform(events, time) });
        for (var i = 0; i < MostMessages; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = body.Length > 0 ? new MediaTypeHeaderValue("text/xml") { CharSet = "utf-8" } : null;
            request.Headers.Add("SOAPAction", "");
            if (cookie is not null)
            {
                request.Headers.Add("Cookie", cookie);
            }

            if (authorization is not null)
            {
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            }

            using var response = await http.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.Unauthorized && authorization is null && Password.Length > 0)
            {
                authorization = Authorize(response, url);
                if (authorization is not null)
                {
                    continue;
                }
            }

            Last = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            if (!response.IsSuccessStatusCode)
            {
                return false;
            }

            cookie = response.Headers.TryGetValues("Set-Cookie", out var set) ? set.First().Split(';')[0] : cookie;
            var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (answer.Length == 0)
            {
                return true;
            }

            if (!CwmpReader.TryRead(answer, null, out var envelope, out var error))
            {
                Last = error.Reason;
                return false;
            }

            if (envelope!.Message is InformResponse)
            {
                // The ACS took the events: they are not told again.
                lock (_reasons)
                {
                    _next.RemoveAll(reason => events.Exists(told => ReferenceEquals(told, reason)));
                }

                body = [];
                continue;
            }

            body = CwmpWriter.Write(envelope with { Message = Answer(envelope.Message) });
        }

        Last = "the session has no end";
        return false;
    }

    private string? Authorize(HttpResponseMessage response, Uri url)
    {
        foreach (var header in response.Headers.WwwAuthenticate)
        {
            if (DigestChallenge.TryParse(header.ToString(), out var challenge))
            {
                return DigestResponse.Answer(challenge!, Username, Password, "POST", url.PathAndQuery, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), 1).ToString();
            }
        }

        return null;
    }

    private Inform Inform(IReadOnlyList<InformEvent> events, TimeProvider time)
    {
        string[] always = ["DeviceInfo.HardwareVersion", "DeviceInfo.SoftwareVersion", "DeviceInfo.ModelName", "ManagementServer.ParameterKey", "ManagementServer.PeriodicInformInterval"];
        return new Inform
        {
            Device = new DeviceId(tree[tree.Root + "DeviceInfo.Manufacturer"], oui, ProductClass, serial), Events = events, CurrentTime = time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            Parameters =
            [
                .. always.Select(path => tree.Root + path).Where(tree.All.ContainsKey).Select(path => new ParameterValue(path, tree[path], tree.All[path].Type)),
                new ParameterValue(tree.Root + "DeviceInfo.ProvisioningCode", ProvisioningCode),
                new ParameterValue(tree.Root + "ManagementServer.ConnectionRequestURL", ConnectionRequestUrl),
            ],
        };
    }

    private CwmpMessage Answer(CwmpMessage request)
    {
        Asked.Add(request.Method);
        if (Faults.TryGetValue(request.Method, out var code))
        {
            return new CwmpFault(code, CwmpFault.NameOf(code));
        }

        switch (request)
        {
            case GetRpcMethods:
                return new GetRpcMethodsResponse(["GetRPCMethods", "GetParameterNames", "GetParameterValues", "SetParameterValues", "GetParameterAttributes", "AddObject", "DeleteObject", "Reboot", "FactoryReset", "ScheduleInform"]);
            case GetParameterNames names:
                var path = names.Path.Length == 0 ? tree.Root : names.Path;
                var found = tree.Names(path, names.NextLevel);
                return found.Count == 0 && !path.EndsWith('.') ? new CwmpFault(9005, CwmpFault.NameOf(9005)) : new GetParameterNamesResponse([.. found.Select(static n => new ParameterInfo(n.Name, n.Writable))]);
            case GetParameterValues values:
                return Values(values);
            case SetParameterValues set:
                return Set(set);
            case AddObject add:
                return Add(add);
            case DeleteObject delete:
                tree.RemoveBelow(delete.ObjectName);
                return new DeleteObjectResponse(0);
            case Reboot reboot:
                Because("1 BOOT");
                Because("M Reboot", reboot.CommandKey);
                return new RebootResponse();
            case FactoryReset:
                Because("0 BOOTSTRAP");
                return new FactoryResetResponse();
            case ScheduleInform schedule:
                Because("M ScheduleInform", schedule.CommandKey);
                return new ScheduleInformResponse();
            default:
                return new CwmpFault(9000, CwmpFault.NameOf(9000));
        }
    }

    private CwmpMessage Values(GetParameterValues values)
    {
        var found = new List<ParameterValue>();
        foreach (var name in values.Names)
        {
            var before = found.Count;
            found.AddRange(tree.All.Where(p => name.EndsWith('.') || name.Length == 0 ? p.Key.StartsWith(name, StringComparison.Ordinal) : p.Key == name)

                // Passwords read as empty (TR-098, TR-181), but for those of Wi-Fi, which most routers tell.
                .Select(static p => new ParameterValue(p.Key, p.Key.EndsWith("Password", StringComparison.Ordinal) ? "" : p.Value.Value, p.Value.Type)));
            if (found.Count == before && !name.EndsWith('.'))
            {
                return new CwmpFault(9005, $"{CwmpFault.NameOf(9005)}: {name}");
            }
        }

        return new GetParameterValuesResponse(found);
    }

    // All or none (TR-069 A6 A.3.2.1).
    private CwmpMessage Set(SetParameterValues set)
    {
        List<ParameterFault> faults =
        [
            .. set.Parameters.Where(p => !tree.All.ContainsKey(p.Name)).Select(static p => new ParameterFault(p.Name, 9005, CwmpFault.NameOf(9005))),
            .. set.Parameters.Where(p => tree.All.TryGetValue(p.Name, out var known) && !known.Writable).Select(static p => new ParameterFault(p.Name, 9008, CwmpFault.NameOf(9008))),
        ];
        if (faults.Count > 0)
        {
            return new CwmpFault(9003, CwmpFault.NameOf(9003)) { Parameters = faults };
        }

        foreach (var parameter in set.Parameters)
        {
            tree.Set(parameter.Name, parameter.Value);
            if (parameter.Name.EndsWith(".DiagnosticsState", StringComparison.Ordinal) && parameter.Value == "Requested")
            {
                Test(parameter.Name[..^"DiagnosticsState".Length]);
            }
        }

        return new SetParameterValuesResponse(0);
    }

    private AddObjectResponse Add(AddObject add)
    {
        var taken = tree.All.Keys.Where(path => path.StartsWith(add.ObjectName, StringComparison.Ordinal)).Select(path => path[add.ObjectName.Length..].Split('.')[0])
            .Select(static part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).DefaultIfEmpty(0).Max();
        tree.Set(string.Create(CultureInfo.InvariantCulture, $"{add.ObjectName}{taken + 1}.Enable"), "0", "boolean", writable: true);
        return new AddObjectResponse(taken + 1, 0);
    }

    // The test is over when the session is; the next one says so (TR-069 A6 A.3.3.1, 8 DIAGNOSTICS COMPLETE).
    private void Test(string path)
    {
        var isTrace = path.Contains("Trace", StringComparison.Ordinal);
        tree.Set(path + "DiagnosticsState", tree[path + "Host"].Length == 0 ? "Error_CannotResolveHostName" : "Complete");
        if (isTrace)
        {
            var prefix = tree.Root == "Device." ? "" : "Hop";
            tree.RemoveBelow(path + "RouteHops.");
            for (var hop = 1; hop <= 3; hop++)
            {
                var at = string.Create(CultureInfo.InvariantCulture, $"{path}RouteHops.{hop}.{prefix}");
                tree.Set(at + "Host", hop == 3 ? tree[path + "Host"] : $"hop{hop.ToString(CultureInfo.InvariantCulture)}.isp.example");
                tree.Set(at + "HostAddress", string.Create(CultureInfo.InvariantCulture, $"198.51.100.{hop}"));
                tree.Set(at + "RTTimes", "3,4,3");
            }

            tree.Set(path + "ResponseTime", "9", "unsignedInt");
            tree.Set(path + "RouteHopsNumberOfEntries", "3", "unsignedInt");
        }
        else
        {
            tree.Set(path + "SuccessCount", tree[path + "NumberOfRepetitions"], "unsignedInt");
            tree.Set(path + "FailureCount", "0", "unsignedInt");
            tree.Set(path + "AverageResponseTime", "12", "unsignedInt");
            tree.Set(path + "MinimumResponseTime", "9", "unsignedInt");
            tree.Set(path + "MaximumResponseTime", "18", "unsignedInt");
        }

        Because("8 DIAGNOSTICS COMPLETE");
    }
}
