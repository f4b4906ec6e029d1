namespace Rollcall.Emails;
internal sealed class Texts { public bool ArePossible => true; }
internal sealed record CodeByEmail(string Code) : Email
{
    public override short Priority => 0;
    public override string Subject(Letterhead from) => $"Your security code for {from.ServiceName}";
    public override IEnumerable<Block> Body(Letterhead from, string to) => [Greeting, new Paragraph($"{Code} is your security code.")];
}
internal sealed record CodeByText(string Code) : Email
{
    public override short Priority => 0;
    public override string Subject(Letterhead from) => "Text";
    public override IEnumerable<Block> Body(Letterhead from, string to) => [new Paragraph($"{Code} is your security code.")];
}
