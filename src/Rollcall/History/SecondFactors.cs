namespace Rollcall.History;

internal sealed record SecondFactorAdded(string? Way) : Event("second-factor-added")
{
    public override string Sentence(EventContext context) => "Set up another way to get security codes";
}

internal sealed record SecondFactorRemoved(string? Way) : Event("second-factor-removed")
{
    public override string Sentence(EventContext context) => "Removed a way to get security codes";
}

/// <summary>Support removed them all, for someone who had lost them.</summary>
internal sealed record SecondFactorsReset(string? HowChecked) : Event("second-factors-reset")
{
    public override string Sentence(EventContext context) =>
        $"{context.By} removed their security codes, passkeys and recovery codes"
        + (HowChecked is null ? "" : $". How they checked who asked: {HowChecked}");
}

/// <param name="Name">What the person calls it.</param>
internal sealed record PasskeyAdded(string? Name) : Event("passkey-added")
{
    public override string Sentence(EventContext context) => "Added a passkey";
}

internal sealed record PasskeyRemoved(string? Name) : Event("passkey-removed")
{
    public override string Sentence(EventContext context) => "Removed a passkey";
}

internal sealed record RecoveryCodesCreated() : Event("recovery-codes-made")
{
    public override string Sentence(EventContext context) => "Created new recovery codes";
}
