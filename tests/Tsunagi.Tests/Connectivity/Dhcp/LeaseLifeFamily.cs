using System.Net;
using Microsoft.Extensions.Hosting;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp4;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Connectivity.Addresses;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>What a client of a <see cref="LeaseCrashLife"/> does.</summary>
internal enum LifeAct
{
    Take,
    Renew,
    GiveBack,
}

/// <summary>How a life is lived in one family: messages of clients through a relay on loopback, and what they are told.</summary>
internal abstract class LeaseLifeFamily
{
    public static LeaseLifeFamily V6 { get; } = new Six();

    public static LeaseLifeFamily V4 { get; } = new Four();

    public abstract IPAddress Loopback { get; }

    public abstract LineAddresses Addresses { get; }

    /// <summary>Whether a client hears that what it gave back has come, and that what it goes on with is not known. DHCPv4 says nothing to either.</summary>
    public abstract bool AnswersAll { get; }

    public abstract ConnectivityOptions Options(string directory);

    public abstract Task PlanAsync(ConnectivityWorld world);

    public abstract IHostedService Server(ConnectivityWorld boot);

    public abstract IPEndPoint EndPoint(ConnectivityWorld boot);

    public abstract byte[] Message(string client, LifeAct act, AddressBlock? part, byte[] duid);

    /// <summary>What the client has by an answer; null for nothing.</summary>
    public abstract AddressBlock? Read(ReadOnlySpan<byte> datagram);

    private sealed class Six : LeaseLifeFamily
    {
        public override IPAddress Loopback => IPAddress.IPv6Loopback;

        public override LineAddresses Addresses => new() { DelegatedPool = "pd" };

        public override bool AnswersAll => true;

        public override ConnectivityOptions Options(string directory) => Dhcp6World.Options(options => options with { Directory = directory, MessagesPerMinute = 1_000_000 });

        public override Task PlanAsync(ConnectivityWorld world) => Dhcp6World.PlanAsync(world);

        public override IHostedService Server(ConnectivityWorld boot) => boot.Get<Dhcp6Server>();

        public override IPEndPoint EndPoint(ConnectivityWorld boot) => boot.Get<Dhcp6Server>().EndPoints[0];

        public override byte[] Message(string client, LifeAct act, AddressBlock? part, byte[] duid)
        {
            var buffer = new byte[512];
            var writer = new Dhcp6Writer(buffer, act switch { LifeAct.Take => Dhcp6Type.Solicit, LifeAct.Renew => Dhcp6Type.Renew, _ => Dhcp6Type.Release }, 1);
            writer.Add(Dhcp6Code.ClientId, Dhcp6World.Duid(client));
            if (act == LifeAct.Take)
            {
                writer.AddFlag(Dhcp6Code.RapidCommit);
            }
            else
            {
                writer.Add(Dhcp6Code.ServerId, duid);
            }

            var mark = writer.BeginAssociation(Dhcp6Code.IaPd, 1, 0, 0);
            if (part is { } block)
            {
                writer.End(writer.BeginPrefix(block.ToNetwork(), 0, 0));
            }

            writer.End(mark);
            Assert.True(writer.TryFinish(out var length));
            return Dhcp6World.Relayed(buffer[..length], new Hop("port " + client));
        }

        public override AddressBlock? Read(ReadOnlySpan<byte> datagram) =>
            Dhcp6Heard.Read(datagram) is { Type: Dhcp6Type.Reply, Associations: [{ Parts: [{ Valid: > 0 } part] }] } ? part.Block : null;
    }

    private sealed class Four : LeaseLifeFamily
    {
        public override IPAddress Loopback => IPAddress.Loopback;

        public override LineAddresses Addresses => new() { V4Pool = "life" };

        public override bool AnswersAll => false;

        public override ConnectivityOptions Options(string directory) => Dhcp4World.Options(static options => options with { MessagesPerMinute = 1_000_000, AdoptLeases = false }, directory);

        // Time stands still in a life, so what is given back rests to its end: each node's share is of 256 addresses.
        public override async Task PlanAsync(ConnectivityWorld world)
        {
            await Plan_of_addresses.AddAsync(world, "10.24.0.0/16");
            await Plan_of_addresses.PoolAsync(world, "life", "10.24.0.0/18", 32, PoolPurpose.Sessions, restSeconds: 300);
        }

        public override IHostedService Server(ConnectivityWorld boot) => boot.Get<Dhcp4Server>();

        public override IPEndPoint EndPoint(ConnectivityWorld boot) => boot.Get<Dhcp4Server>().EndPoints[0];

        public override byte[] Message(string client, LifeAct act, AddressBlock? part, byte[] duid) => Dhcp4World.Message(
            act switch
            {
                LifeAct.Take => new Said(Dhcp4Type.Discover, client) { IsRapid = true },
                LifeAct.Renew => new Said(Dhcp4Type.Request, client) { Using = part!.Value.Address.ToString() },
                _ => new Said(Dhcp4Type.Release, client) { Using = part!.Value.Address.ToString(), Server = "127.0.0.1" },
            },
            1);

        public override AddressBlock? Read(ReadOnlySpan<byte> datagram) => Dhcp4Heard.Read(datagram) is { Type: Dhcp4Type.Ack, Address: { } address } ? AddressBlock.Of(address) : null;
    }
}
