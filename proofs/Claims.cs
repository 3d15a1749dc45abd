using Tsunagi.Proofs.BackOffice;
using Tsunagi.Proofs.Connectivity;
using Tsunagi.Proofs.Ddos;
using Tsunagi.Proofs.Demo;
using Tsunagi.Proofs.Isolation;
using Tsunagi.Proofs.Log;
using Tsunagi.Proofs.Mail;
using Tsunagi.Proofs.Routers;

namespace Tsunagi.Proofs;

/// <summary>Every claim of the product, in the order of its parts.</summary>
public static class Claims
{
    public static IReadOnlyList<IClaim> All { get; } =
    [
        new GroupCommit(),
        new Log.PowerLoss(),
        new ApiFuzz(),
        new RelayVsPostfix(),
        new PolicyLookup(),
        new WhatIfReplay(),
        new FilterAccuracy(),
        new FilterSpeed(),
        new FilteredRelay(),
        new Mail.PowerLoss(),
        new Chaos(),
        new QuarantineSearch(),
        new BillsExact(),
        new UsageIngest(),
        new BillRun(),
        new InvoicePdfs(),
        new ReportTimes(),
        new AccountingPowerLoss(),
        new RadiusVsFreeRadius(),
        new RadiusReboot(),
        new LeasePowerLoss(),
        new DhcpVsKea(),
        new Dhcp4VsKea(),
        new AddressAllocation(),
        new AddressHolders(),
        new StampAccuracy(),
        new Detection(),
        new CompilerFuzz(),
        new TimeToDrop(),
        new ExporterDelay(),
        new Faults(),
        new FlowStore(),
        new FlowRollup(),
        new FlowsCollect(),
        new CounterMemory(),
        new PowerOn(),
        new HeartbeatIntake(),
        new PushFleet(),
        new CwmpSessions(),
        new Start(),
    ];
}
